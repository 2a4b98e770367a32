// What is brought up to date when the page is there, whenever it changes, and each second.
import { $, onChange } from "../lib/dom.js";
import { offerNotifications, showNewAlert } from "./alerts.js";
import { showCountdowns } from "./countdowns.js";
import { showCounts } from "./counter.js";
import { followThreads } from "./follow.js";
import { showTimes, useZone } from "./times.js";
import { timeToasts } from "./toasts.js";

const tick = () => {
  showTimes();
  showCountdowns();
};

const settle = () => {
  tick();
  showNewAlert();
  offerNotifications();
  showCounts();
  followThreads();
  timeToasts();
};

document.addEventListener("DOMContentLoaded", () => {
  const zone = document.getElementById("live")?.dataset.timeZone;
  try { if (zone) useZone(zone); } catch { /* a zone that this browser does not know: its own, then */ }
  settle();
  // A refusal may be far below the visible part: scroll to it.
  const refused = $("#main [aria-invalid=true]") || $("#main [data-problem]");
  if (refused) { refused.focus({ preventScroll: true }); refused.scrollIntoView({ block: "center" }); }
  setInterval(tick, 1000);
  onChange(settle, 15, { childList: true, characterData: true, subtree: true });
});
