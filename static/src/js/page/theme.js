// The theme is set before the first paint.
import { on } from "../lib/dom.js";

const root = document.documentElement;
const dark = matchMedia("(prefers-color-scheme: dark)");
const chosen = () => localStorage.getItem("theme") || "system";
const paint = () => root.classList.toggle("dark", chosen() === "dark" || (chosen() === "system" && dark.matches));

paint();
dark.addEventListener("change", paint);
on("click", "[data-theme]", () => {
  localStorage.setItem("theme", root.classList.contains("dark") ? "light" : "dark");
  paint();
});
