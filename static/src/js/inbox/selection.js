// Selecting several conversations for an action.
import { $, $$, on } from "../lib/dom.js";

const actions = () => $$("[data-bulk-do]");
const checked = () => $$("#list .row-check:checked");
const shortly = 50; // milliseconds: the form has been read by then

const showCount = () => {
  const bar = $("[data-bulk]");
  if (bar) $("[data-bulk-count]", bar).textContent = `${checked().length} chosen`;
};

on("click", "[data-select-mode]", (button) => {
  const desk = button.closest(".desk"), isOn = !desk.hasAttribute("data-selecting"), bar = $("[data-bulk]");
  desk.toggleAttribute("data-selecting", isOn);
  button.setAttribute("aria-pressed", String(isOn));
  bar.classList.toggle("hidden", !isOn);
  bar.classList.toggle("flex", isOn);
  actions().forEach((action) => { action.disabled = false; });
  if (!isOn) checked().forEach((box) => { box.checked = false; });
  showCount();
});
on("change", ".row-check", showCount);

// Only the chosen action is sent.
on("change", "[data-bulk-do]", (action) => {
  if (action.value === "-") return;
  actions().forEach((other) => { other.disabled = other !== action; });
  action.form.requestSubmit();
  setTimeout(() => actions().forEach((other) => {
    other.disabled = false;
    other.value = "-";
  }), shortly);
});
on("submit", "#bulk", (_, event) => {
  if (event.submitter) actions().forEach((action) => { action.disabled = true; });
  setTimeout(() => actions().forEach((action) => { action.disabled = false; }), shortly);
  setTimeout(showCount, 300);
}, true);
