// Elements with a keyboard shortcut (data-key).
import { $, make } from "../lib/dom.js";

// pressKey does what the shortcut of an element on the page does; false if no element has it.
export const pressKey = (key) => {
  const element = $(`[data-key="${CSS.escape(key)}"]:not(li)`);
  if (!element) return false;
  if (element.tagName === "SUMMARY") {
    element.parentElement.open = true;
    $("button, a, input", element.nextElementSibling)?.focus();
    return true;
  }
  // A key refers to what the page showed a moment ago: the server does not let it undo what somebody else has just
  // done.
  const mark = element.form && make("input", { type: "hidden", name: "by_key", value: "1" });
  if (mark) element.form.append(mark);
  element.click();
  setTimeout(() => mark?.remove(), 500); // the form is read shortly after the click
  return true;
};
