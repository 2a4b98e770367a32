// Findings are marked below the text. They are outdated while the user types, so they are hidden until the answer
// arrives.
import { on, typed } from "../lib/dom.js";
import { field } from "./form.js";

const marksOf = (area) => document.getElementById(area.dataset.marks);

on("input", "textarea[data-marks]", (area) => marksOf(area)?.classList.add("stale"));
document.addEventListener("scroll", (event) => {
  if (!(event.target instanceof Element) || !event.target.matches("textarea[data-marks]")) return;
  const marks = marksOf(event.target);
  if (marks) marks.scrollTop = event.target.scrollTop;
}, true);

on("click", "[data-goto]", ({ dataset }) => {
  const target = field(dataset.goto) || document.getElementById(dataset.goto);
  if (!target || !target.focus) return;
  target.focus();
  const from = Number(dataset.from), to = Number(dataset.to);
  if (to > from && target.setSelectionRange) target.setSelectionRange(from, to);
});
on("click", "[data-fix]", ({ dataset }) => {
  const target = field(dataset.fix);
  if (!target) return;
  target.value = dataset.value;
  typed(target);
  target.dispatchEvent(new Event("change", { bubbles: true }));
  target.focus();
});
