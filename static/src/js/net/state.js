// The state of the connection, in one unobtrusive line that does not move the page.
import { live } from "./headers.js";

const troubles = new Set();
let shown = "", later, hasEnded = false, isLeaving = false;

// show shows a state (online, offline, connecting, back, ended) with a text.
export const show = (state, text) => {
  shown = state;
  document.documentElement.dataset.live = state;
  const line = document.querySelector("#live-state [data-live-text]");
  if (line && line.textContent !== text) line.textContent = text;
};

// trouble records that something (what: net or stream) does not work, or works again; after is how many milliseconds
// the failure may last before the page reports it.
export const trouble = (what, on, after = 0) => {
  if (hasEnded || on && isLeaving) return;
  if (on === troubles.has(what) && (!on || after)) {
    if (!shown) show("online", "");
    return;
  }
  if (on) troubles.add(what);
  else troubles.delete(what);
  clearTimeout(later);
  if (troubles.size) {
    if (shown !== "offline") later = setTimeout(() => show("offline", "Connection lost. Trying again…"), after);
  } else if (shown === "offline" || shown === "connecting") {
    show("back", "Back online.");
    later = setTimeout(() => show("online", ""), 2000);
  } else show("online", "");
};
export const inTrouble = (what) => (what ? troubles.has(what) : troubles.size > 0);
export const clearTroubles = () => troubles.clear();

// pause is the delay before the next attempt in milliseconds: from about 1 s to 30 s, with jitter.
export const pause = (tries) =>
  Math.min(30000, (Number(live?.dataset.pause) || 1000) * 2 ** Math.min(tries, 10) * (0.5 + Math.random()));

// ended: the session has ended.
export const ended = () => hasEnded;
export const setEnded = (value) => { hasEnded = value; };

// leaving: a browser that leaves the page aborts running requests; that is not a lost connection.
export const leaving = () => isLeaving;
addEventListener("beforeunload", () => {
  isLeaving = true;
  setTimeout(() => { isLeaving = false; }, 5000); // a download stays
});
addEventListener("pagehide", () => { isLeaving = true; });
addEventListener("pageshow", () => { isLeaving = false; });
