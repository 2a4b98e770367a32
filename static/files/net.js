// The connection to Parley. Every answer of Parley's own carries the header X-Parley. An answer without it comes from
// something in between (a proxy's error page while the program restarts): it is never shown, the page says that the
// connection is lost, and what was only read is asked for again. What was sent is never repeated by itself.
(() => {
  "use strict";
  const live = document.getElementById("live");
  const parley = window.parley = window.parley || {};
  const number = (name, or) => Number(live?.dataset[name]) || or;
  const ours = (headers) => headers.has("X-Parley");
  const works = (res) => ours(res.headers) && res.status < 500; // an error may be all it can say, without a database
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
      if (!works(res)) throw new Error("not Parley's answer, or it can't work yet");
      if (res.status === 401) { signedOut(); return; }
      back();
    } catch {
      if (!probing) probing = setTimeout(probe, parley.pause(++tries));
    } finally { clearTimeout(timer); }
  };
  // The server answers only the person whose page it is: somebody else may have signed in in another tab.
  const reader = live ? { "X-Parley-User": live.dataset.user } : {};
  const partial = { "HX-Request": "true", "HX-Request-Type": "partial", ...reader };
  parley.partial = partial;
  const lost = () => {
    if (leaving || ended || !live) return;
    trouble("net", true);
    if (!probing) probing = setTimeout(probe, parley.pause(tries = 0));
  };
  parley.lost = lost;
  // back says whether Parley was away for more than one try: then a page has missed something.
  const back = () => {
    const away = tries > 0;
    tries = 0;
    clearTimeout(probing);
    probing = 0;
    trouble("net", false);
    tell("back", away);
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
    .filter((el) => (/checkbox|radio/.test(el.type) ? el.checked !== el.defaultChecked : el.value !== el.defaultValue));
  const keptAll = () => unsaved().every((el) => el.closest("form[data-keep], #write"));
  const signInPage = () => "/signin?next=" + encodeURIComponent(parley.returnTo?.() || location.pathname + location.search);
  const signedOut = (act) => {
    ended = true;
    tell("keep");
    if (act ? keptAll() : !unsaved().length) { location.assign(signInPage()); return; }
    show("ended", keptAll() ? "Your session has ended. What you type is kept." : "Your session has ended. Sign in in a new tab, then continue here.");
  };
  // Signed in again in another tab: this one goes on.
  const resume = async () => {
    if (!ended || document.hidden) return;
    const res = await fetch(live.dataset.probe, { headers: partial, cache: "no-store" }).catch(() => null);
    if (!ended || !res?.ok || !ours(res.headers)) return;
    ended = false;
    tries = 1;
    troubles.clear();
    show("online", "");
    back();
  };
  addEventListener("focus", resume);
  document.addEventListener("visibilitychange", resume);
  parley.signedOut = signedOut;
  document.addEventListener("click", (e) => {
    const link = e.target.closest?.("[data-live-signin]");
    if (!link) return;
    tell("keep");
    link.href = signInPage();
    link.target = keptAll() ? "" : "_blank";
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
    if (troubles.has("net") && works(res) && !leaving) back();
    return res;
  };

  // htmx. Of the parts that were asked for in vain, the last one for each place is asked for again.
  // What happens in the background takes nobody's place who pressed something.
  const missed = new Map();
  const byHand = (ctx) => /^(click|submit|input|change|keydown)$/.test(ctx.sourceEvent?.type);
  const replaces = (ctx) => byHand(ctx) || !byHand(missed.get(ctx.target) || ctx);
  const failed = (ctx) => {
    lost();
    if (ctx.request.method !== "GET") { unsent(ctx.sourceElement); return; }
    if (leaving) return;
    if (replaces(ctx)) missed.set(ctx.target, ctx);
  };
  const unsentText = "Not sent. Check the connection and send again.";
  const unsent = (el) => {
    const line = el.closest("form")?.querySelector("[data-unsent]");
    if (line) { line.textContent = unsentText; return; }
    const toast = document.createElement("div");
    toast.className = "toast-card";
    toast.dataset.toast = "stay";
    toast.setAttribute("role", "alert");
    const text = document.createElement("p"), close = document.createElement("button");
    text.className = "flex-1";
    text.textContent = unsentText;
    close.type = "button";
    close.dataset.dismiss = "";
    close.setAttribute("aria-label", "Close");
    close.textContent = "×";
    toast.append(text, close);
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
  document.addEventListener("htmx:config:request", (e) => Object.assign(e.detail.ctx.request.headers, reader));
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
    } else if (troubles.has("net") && works(res)) back();
  });
  document.addEventListener("htmx:error", (e) => {
    const ctx = e.detail.ctx;
    if (live && ctx?.request && ctx.text === undefined) failed(ctx); // else it came, and something is wrong with it
  });
})();
