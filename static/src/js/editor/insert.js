// Placeholders and formatting are inserted at the cursor.
import { $, on, typed } from "../lib/dom.js";

on("click", "[data-wrap]", ({ dataset }) => {
  const area = document.getElementById(dataset.into), mark = dataset.wrap;
  const from = area.selectionStart, to = area.selectionEnd;
  area.setRangeText(mark + area.value.slice(from, to) + mark, from, to, "end");
  area.setSelectionRange(from + mark.length, to + mark.length);
  area.focus();
  typed(area);
});

// A placeholder is inserted into the field that was edited last, at its cursor: the body, the header, a card's text or
// a link.
const fields = [
  "textarea[name]", "[name=header]", "[name^=card-][name$=-title]", "[name^=action-][name$=-value]",
  "[name^=card-][name*=-action-][name$=-value]", "[name=media]",
].map((selector) => `#editor ${selector}`).join();
let last = null;
document.addEventListener("focusin", (event) => { if (event.target.matches?.(fields)) last = event.target; });

const insert = (text, menu) => {
  const area = last && last.isConnected ? last : document.getElementById("body");
  area.setRangeText(text, area.selectionStart, area.selectionEnd, "end");
  menu.open = false;
  area.focus();
  typed(area);
};
on("click", "[data-placeholder]", (button, event) => {
  event.preventDefault();
  insert(button.dataset.placeholder, button.closest("details"));
});

const insertNamed = (menu, event) => {
  const input = $("[data-free-name]", menu), name = input.value.replace(/[^\p{L}\p{M}\p{N}_ ]/gu, "").trim();
  event.preventDefault();
  if (!name) {
    input.focus();
    return;
  }
  input.value = "";
  insert(`{{${name}}}`, menu);
};
on("click", "[data-insert-free]", (button, event) => insertNamed(button.closest("details"), event));
on("keydown", "[data-free-name]", (input, event) => {
  if (event.key === "Enter") insertNamed(input.closest("details"), event);
});
