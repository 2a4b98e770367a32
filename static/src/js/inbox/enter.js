// Enter sends, or Ctrl-Enter for users whose Enter starts a new line.
import { $, on } from "../lib/dom.js";

on("keydown", "#write textarea[data-enter]", (textarea, event) => {
  if (event.key !== "Enter" || event.defaultPrevented) return;
  const sends = textarea.dataset.enter === "true" ? !event.shiftKey : event.ctrlKey || event.metaKey;
  if (!sends || !textarea.value.trim() && !$("#uploads li")) return;
  event.preventDefault();
  if (!textarea.form.dataset.busy) textarea.form.requestSubmit($("[data-testid=send]", textarea.form));
});
