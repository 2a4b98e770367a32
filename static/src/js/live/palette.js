// The command palette.
import { $, $$ } from "../lib/dom.js";
import { openConversation } from "./list.js";
import { pressKey } from "./keys.js";

const palette = document.getElementById("palette");

// openPalette opens it with an empty search.
export const openPalette = () => {
  if (palette.open) return;
  document.getElementById("palette-conversation").value = openConversation();
  palette.showModal();
  const input = $("input[type=search]", palette);
  input.value = "";
  input.dispatchEvent(new CustomEvent("palette-open", { bubbles: true }));
  input.focus();
};

const options = () => $$("[role=option]", palette);
const isSelected = (option) => option.getAttribute("aria-selected") === "true";

const onKey = (event) => {
  const all = options(), at = all.findIndex(isSelected);
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    const next = all[(at + (event.key === "ArrowDown" ? 1 : -1) + all.length) % all.length];
    all.forEach((option) => option.setAttribute("aria-selected", String(option === next)));
    next?.scrollIntoView({ block: "nearest" });
  } else if (event.key === "Enter") {
    event.preventDefault();
    all[Math.max(0, at)]?.click();
  }
};

const onClick = (event) => {
  const option = event.target.closest("[role=option]");
  if (!option) return;
  palette.close();
  if (!option.dataset.paletteKey) return;
  event.preventDefault();
  pressKey(option.dataset.paletteKey);
};

export const startPalette = () => {
  palette?.addEventListener("keydown", onKey);
  palette?.addEventListener("click", onClick);
};
