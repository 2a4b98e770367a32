// A new alert appears as a toast and, if the user allowed it, as a notification of the browser.
import { $$, make, on } from "../lib/dom.js";
import { toast } from "./toasts.js";

let shown = null; // the alert that was the newest one last time

// showNewAlert shows the newest alert if it has come since the last call.
export const showNewAlert = () => {
  const bell = document.getElementById("bell");
  if (!bell) return;
  const { bell: id, title, body, href } = bell.dataset;
  const isNew = shown !== null && id !== shown && id;
  shown = id;
  if (!isNew) return;
  if (window.Notification?.permission === "granted") {
    new Notification(title, { body, tag: id }).onclick = () => { window.focus(); location.href = href; };
  }
  const link = make("a", { className: "flex-1 font-medium hover:underline", href, textContent: title });
  document.getElementById("alert-toast")?.replaceChildren(toast("brief", "status", link));
};

// offerNotifications shows the button that allows notifications while the browser has not asked yet.
export const offerNotifications = () => $$("[data-allow-browser]").forEach((button) => {
  button.hidden = !window.Notification || Notification.permission !== "default";
});
on("click", "[data-allow-browser]", () => Notification.requestPermission().then(offerNotifications));
