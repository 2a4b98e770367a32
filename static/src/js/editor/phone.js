// The phone in the preview has its own light and dark theme.
import { $, on } from "../lib/dom.js";

const showTheme = () => {
  const phone = $(".wa-phone"), theme = sessionStorage.getItem("phone");
  if (!phone || !theme) return;
  phone.classList.toggle("wa-dark", theme === "dark");
  phone.classList.toggle("wa-light", theme === "light");
};

on("click", "[data-phone-theme]", () => {
  const { classList } = $(".wa-phone");
  const pageIsDark = document.documentElement.classList.contains("dark");
  const isDark = classList.contains("wa-dark") || !classList.contains("wa-light") && pageIsDark;
  sessionStorage.setItem("phone", isDark ? "light" : "dark");
  showTheme();
});
new MutationObserver(showTheme).observe(document.documentElement, { childList: true, subtree: true });
