// Buttons that open, close, confirm, dismiss or print.
import { on } from "../lib/dom.js";

on("click", "[data-open]", (button, event) => {
  const dialog = document.getElementById(button.dataset.open);
  if (!dialog) return;
  event.preventDefault();
  dialog.showModal();
});
on("click", "[data-print]", () => window.print());
on("click", "[data-close]", (button) => button.closest("dialog")?.close());
on("click", "dialog", (dialog, event) => { if (event.target === dialog) dialog.close(); });
on("click", "[data-dismiss]", (button) => button.closest("[data-toast]")?.remove());
on("click", "button[data-confirm-click]", (button, event) => {
  if (!confirm(button.dataset.confirmClick)) event.preventDefault();
});
