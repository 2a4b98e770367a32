// The connection to Parley. Every answer of Parley's own carries the header X-Parley. An answer without it comes from
// something in between (a proxy's error page while the program restarts): it is never shown, the page says that the
// connection is lost, and what was only read is asked for again. What was sent is never repeated by itself.
(() => {
  "use strict";
  const live = document.getElementById("live");
  const parley = window.parley = window.parley || {};
  const number = (name, or) => Number(live?.dataset[name]) || or;
  const ours = (headers) => headers.has("X-Parley");
  const tell = (name, detail) => document.dispatchEvent(new CustomEvent("parley:" + name, { detail }));

  // The state, in one quiet line that moves nothing.
  const troubles = new Set();
  let shown = "", later;
  const show = (state, text) => {
    shown = state;
    document.documentElement.dataset.live = state;
    const out = document.querySelector("#live-state [data-live-text]");
    if (out && out.textContent !== text) out.textContent = text;
  };
  const lostText = "Connection lost. Trying again…";
  // trouble notes that something does not work (what: net or stream), or works again; after is how many milliseconds it
  // may last before the page says so.
  const trouble = (what, on, after = 0) => {
    if (ended || on && leaving) return;
    if (on === troubles.has(what) && (!on || after)) { if (!shown) show("online", ""); return; }
    if (on) troubles.add(what); else troubles.delete(what);
    clearTimeout(later);
    if (troubles.size) {
      if (shown !== "offline") later = setTimeout(() => show("offline", lostText), after);
    } else if (shown === "offline" || shown === "connecting") {
      show("back", "Back online.");
      later = setTimeout(() => show("online", ""), 2000);
    } else show("online", "");
  };
  parley.trouble = trouble;
  parley.inTrouble = () => troubles.size > 0;
  parley.ended = () => ended;
  // pause is how long to wait before the next try, in milliseconds: from about 1 s to 30 s, never the same for two pages.
  parley.pause = (tries) => Math.min(30000, number("pause", 1000) * 2 ** Math.min(tries, 10) * (0.5 + Math.random()));

  // Lost: ask for something small until Parley answers.
  let tries = 0, probing, leaving = false;
  const probe = async () => {
    clearTimeout(probing);
    probing = 0;
    const limit = new AbortController(), timer = setTimeout(() => limit.abort(), 10000);
    try {
      const res = await fetch(live.dataset.probe, { headers: partial, signal: limit.signal, cache: "no-store" });
      if (!ours(res.headers)) throw new Error("not Parley's answer");
      if (res.status === 401) { signedOut(); return; }
      back();
    } catch {
      if (!probing) probing = setTimeout(probe, parley.pause(++tries));
    } finally { clearTimeout(timer); }
  };
  const partial = { "HX-Request": "true", "HX-Request-Type": "partial" };
  parley.partial = partial;
  const lost = () => {
    if (leaving || ended || !live) return;
    trouble("net", true);
    if (!probing) probing = setTimeout(probe, parley.pause(tries = 0));
  };
  parley.lost = lost;
  const back = () => {
    tries = 0;
    trouble("net", false);
    tell("back");
    askAgain();
  };
  const hurry = () => {
    if (document.hidden || !troubles.has("net") || ended) return;
    show("connecting", "Reconnecting…");
    tries = 0;
    probe();
  };
  addEventListener("online", hurry);
  addEventListener("offline", lost);
  document.addEventListener("visibilitychange", hurry);
  // On its way to another page a browser breaks off what is under way: that is no trouble.
  addEventListener("beforeunload", () => { leaving = true; setTimeout(() => { leaving = false; }, 5000); }); // a download stays
  addEventListener("pagehide", () => { leaving = true; });
  addEventListener("pageshow", () => { leaving = false; });

  // The session has ended: what was typed is kept in the browser, and the page leads to the sign-in and back. Nobody is
  // taken away from what they are typing by something that happened in the background.
  let ended = false;
  const unsaved = () => [...document.querySelectorAll("#main textarea, #main input:not([type=hidden]):not([type=file])")]
    .some((el) => (/checkbox|radio/.test(el.type) ? el.checked !== el.defaultChecked : el.value !== el.defaultValue));
  const signInPage = () => "/signin?next=" + encodeURIComponent(parley.returnTo?.() || location.pathname + location.search);
  const signedOut = (act) => {
    ended = true;
    tell("keep");
    if (act || !unsaved()) { location.assign(signInPage()); return; }
    show("ended", "Your session has ended. What you type is kept.");
  };
  parley.signedOut = signedOut;
  document.addEventListener("click", (e) => {
    const link = e.target.closest?.("[data-live-signin]");
    if (!link) return;
    tell("keep");
    link.href = signInPage();
  });

  // ask fetches from Parley. It rejects when no answer came, or one that is not Parley's own.
  parley.ask = async (url, options = {}) => {
    let res;
    try { res = await fetch(url, { ...options, headers: { ...partial, ...options.headers } }); } catch (err) {
      if (err?.name !== "AbortError") lost();
      throw err;
    }
    if (!ours(res.headers)) { lost(); throw new Error("not Parley's answer"); }
    if (res.status === 401) { signedOut(options.act); throw new Error("signed out"); }
    if (troubles.has("net") && !leaving) back();
    return res;
  };

  // htmx. Of the parts that were asked for in vain, the last one for each place is asked for again.
  // What happens in the background takes nobody's place who pressed something.
  const missed = new Map();
  const byHand = (ctx) => /^(click|submit|input|change|keydown)$/.test(ctx.sourceEvent?.type);
  const replaces = (ctx) => byHand(ctx) || !byHand(missed.get(ctx.target) || ctx);
  const failed = (ctx) => {
    lost();
    if (leaving) return;
    if (ctx.request.method === "GET") { if (replaces(ctx)) missed.set(ctx.target, ctx); return; }
    unsent(ctx.sourceElement);
  };
  const unsentText = "Not sent. Check the connection and send again.";
  const unsent = (el) => {
    const line = el.closest("form")?.querySelector("[data-unsent]");
    if (line) { line.textContent = unsentText; return; }
    const toast = document.createElement("div");
    toast.className = "toast-card";
    toast.dataset.toast = "bad";
    toast.setAttribute("role", "alert");
    toast.textContent = unsentText;
    document.getElementById("toasts")?.replaceChildren(toast);
  };
  const askAgain = () => {
    const all = [...missed.values()];
    missed.clear();
    all.forEach((ctx) => {
      if (!ctx.sourceElement.isConnected || ctx.target?.isConnected === false) return;
      window.htmx.ajax("GET", ctx.request.action, { source: ctx.sourceElement, target: ctx.target, swap: ctx.swap, select: ctx.select, push: ctx.push });
    });
  };
  document.addEventListener("htmx:before:request", (e) => {
    const ctx = e.detail.ctx;
    if (replaces(ctx)) missed.delete(ctx.target);
    ctx.sourceElement.closest("form")?.querySelector("[data-unsent]")?.replaceChildren();
  });
  document.addEventListener("htmx:before:response", (e) => {
    const ctx = e.detail.ctx, res = ctx.response;
    if (!live) return;
    if (!ours(res.headers)) {
      e.preventDefault();
      failed(ctx);
    } else if (res.status === 401) {
      e.preventDefault();
      signedOut(/^(click|submit)$/.test(ctx.sourceEvent?.type));
    } else if (troubles.has("net")) back();
  });
  document.addEventListener("htmx:error", (e) => {
    const ctx = e.detail.ctx;
    if (live && ctx?.request && ctx.text === undefined) failed(ctx); // else it came, and something is wrong with it
  });
})();
