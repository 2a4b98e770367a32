// The session has ended: the input is stored in the browser, and the page leads to the sign-in and back. A failed
// background request never leads a user away who is typing.
import { $$, on } from "../lib/dom.js";
import { isOurs } from "./headers.js";
import { back, onSignedOut, requestProbe } from "./probe.js";
import { clearTroubles, ended, setEnded, show } from "./state.js";

export { ended };

const isChanged = (field) => (/checkbox|radio/.test(field.type)
  ? field.checked !== field.defaultChecked : field.value !== field.defaultValue);
const unsaved = () => $$("#main textarea, #main input:not([type=hidden]):not([type=file])").filter(isChanged);
const keptAll = () => unsaved().every((field) => field.closest("form[data-keep], #write"));
const keepInput = () => document.dispatchEvent(new CustomEvent("parley:keep"));
const signInPage = () =>
  "/signin?next=" + encodeURIComponent(window.parley.returnTo?.() || location.pathname + location.search);

// signedOut reacts to an answer that says so; byUser: the user asked for that answer.
export const signedOut = (byUser) => {
  setEnded(true);
  keepInput();
  if (byUser ? keptAll() : !unsaved().length) {
    location.assign(signInPage());
    return;
  }
  show("ended", keptAll() ? "Your session has ended. What you type is kept."
    : "Your session has ended. Sign in in a new tab, then continue here.");
};
onSignedOut(() => signedOut());

// The user signed in again in another tab: this one continues.
const resume = async () => {
  if (!ended() || document.hidden) return;
  const response = await requestProbe().catch(() => null);
  if (!ended() || !response?.ok || !isOurs(response)) return;
  setEnded(false);
  clearTroubles();
  show("online", "");
  back(true);
};
addEventListener("focus", resume);
document.addEventListener("visibilitychange", resume);

on("click", "[data-live-signin]", (link) => {
  keepInput();
  link.href = signInPage();
  link.target = keptAll() ? "" : "_blank";
});
