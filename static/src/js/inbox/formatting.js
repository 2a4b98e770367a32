// Text is inserted into the composer at the cursor, in a way that the browser's undo supports; WhatsApp's formatting is
// put around the selection.
import { on, typed } from "../lib/dom.js";
import { area } from "../draft/composer.js";

// insert replaces a part of a textarea, else the selection.
export const insert = (textarea, text, from = textarea.selectionStart, to = textarea.selectionEnd) => {
  textarea.focus();
  textarea.setSelectionRange(from, to);
  if (document.execCommand("insertText", false, text)) return;
  textarea.setRangeText(text, from, to, "end");
  typed(textarea);
};

const format = (mark) => {
  const textarea = area();
  if (!textarea) return;
  const { selectionStart: from, selectionEnd: to } = textarea, text = textarea.value.slice(from, to);
  insert(textarea, mark + text + mark, from, to);
  if (!text) textarea.setSelectionRange(from + mark.length, from + mark.length);
};
on("click", "[data-mark]", (button) => format(button.dataset.mark));

const marks = { b: "*", i: "_", X: "~", M: "```" };
on("keydown", "#write textarea", (_, event) => {
  if (!event.ctrlKey && !event.metaKey) return;
  const mark = marks[event.shiftKey ? event.key.toUpperCase() : event.key.toLowerCase()];
  if (!mark) return;
  event.preventDefault();
  format(mark);
});
