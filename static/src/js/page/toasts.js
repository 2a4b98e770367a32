// Toasts: a short message with a button to close it.
import { $$, make } from "../lib/dom.js";

const shownFor = 6000; // milliseconds

// toast is a card with some content; kind "stay" stays until it is closed.
export const toast = (kind, role, content) => {
  const close = make("button", { type: "button", textContent: "×", dataset: { dismiss: "" } });
  close.setAttribute("aria-label", "Close");
  const card = make("div", { className: "toast-card", dataset: { toast: kind } }, content, close);
  card.setAttribute("role", role);
  return card;
};

// timeToasts removes each toast of the page when its time is over.
export const timeToasts = () => $$("[data-toast]:not([data-timed])").forEach((card) => {
  card.dataset.timed = "1";
  if (card.dataset.toast !== "stay") setTimeout(() => card.remove(), shownFor);
});
