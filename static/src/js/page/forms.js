// Plain forms: questions before they are sent, and fields that act at once.
import { $$, on } from "../lib/dom.js";

on("submit", "form[data-confirm]", (form, event) => { if (!confirm(form.dataset.confirm)) event.preventDefault(); });
on("change", "[data-autosubmit]", (field) => field.form.requestSubmit());
on("change", "[data-check-all]", (all) => {
  $$("input[type=checkbox][name]:not(:disabled)", all.closest("form")).forEach((box) => { box.checked = all.checked; });
});

// A plain form is not submitted again while it is being sent.
on("submit", "form[method=post]:not([hx-post])", (form, event) => {
  if (event.defaultPrevented) return;
  if (form.dataset.busy) { event.preventDefault(); return; }
  form.dataset.busy = "1";
  setTimeout(() => { delete form.dataset.busy; }, 4000);
});

// A part of a page does not refresh itself while it contains an element that data-hold selects: one that is being used,
// or a refused form, whose input the refresh would remove.
document.addEventListener("htmx:before:request", (event) => {
  const hold = event.target.dataset?.hold;
  if (hold && event.target.querySelector(hold)) event.preventDefault();
});
