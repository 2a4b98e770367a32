// When the connection is lost: request something small until Parley answers.
import { live, partial, works } from "./headers.js";
import { ended, inTrouble, leaving, pause, show, trouble } from "./state.js";

const limit = 10000; // milliseconds for one attempt
let tries = 0, timer = 0;
const listeners = { back: [], signedOut: [] };

// onBack and onSignedOut call a function once Parley answers, or answers that the session has ended.
export const onBack = (run) => listeners.back.push(run);
export const onSignedOut = (run) => listeners.signedOut.push(run);

// requestProbe requests what a probe does.
export const requestProbe = (signal) => fetch(live.dataset.probe, { headers: partial, signal, cache: "no-store" });

const probe = async () => {
  clearTimeout(timer);
  timer = 0;
  try {
    const response = await requestProbe(AbortSignal.timeout(limit));
    if (!works(response)) throw new Error("not Parley's answer, or it can't work yet");
    if (response.status === 401) listeners.signedOut.forEach((run) => run());
    else back();
  } catch {
    if (!timer) timer = setTimeout(probe, pause(++tries));
  }
};

// lost begins the attempts.
export const lost = () => {
  if (leaving() || ended() || !live) return;
  trouble("net", true);
  if (!timer) timer = setTimeout(probe, pause(tries = 0));
};

// back ends the attempts. Pages learn whether Parley was away for more than one of them, or for sure: they have then
// missed something.
export const back = (forSure) => {
  const away = forSure || tries > 0;
  tries = 0;
  clearTimeout(timer);
  timer = 0;
  trouble("net", false);
  document.dispatchEvent(new CustomEvent("parley:back", { detail: away }));
  listeners.back.forEach((run) => run());
};

const probeNow = () => {
  if (document.hidden || !inTrouble("net") || ended()) return;
  show("connecting", "Reconnecting…");
  tries = 0;
  probe();
};
addEventListener("online", probeNow);
addEventListener("offline", lost);
document.addEventListener("visibilitychange", probeNow);
