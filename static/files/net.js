// The connection to Parley. Each of Parley's own answers carries the header X-Parley. An answer without it comes from
// something in between (a proxy's error page while the program restarts): it is never shown, the page says that the
// connection is lost, and read requests are repeated. Requests that change something are never repeated automatically.
(() => {
  "use strict";
  const live = document.getElementById("live");
  const parley = window.parley = window.parley || {};
  const number = (name, or) => Number(live?.dataset[name]) || or;
  const ours = (headers) => headers.has("X-Parley");
  const works = (res) => ours(res.headers) && res.status < 500; // an error may be all it can answer
  const tell = (name, detail) => document.dispatchEvent(new CustomEvent("parley:" + name, { detail }));

  // The state of the connection, in one unobtrusive line that does not move the page.
  const troubles = new Set();
  let shown = "", later;
  const show = (state, text) => {
    shown = state;
    document.documentElement.dataset.live = state;
    const out = document.querySelector("#live-state [data-live-text]");
    if (out && out.textContent !== text) out.textContent = text;
  };
  const lostText = "Connection lost. Trying again…";
  // trouble records that something (what: net or stream) does not work, or works again; after is how many milliseconds
  // the failure may last before the page reports it.
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
  // pause is the delay before the next attempt in milliseconds: from about 1 s to 30 s, with jitter.
  parley.pause = (tries) => Math.min(30000, number("pause", 1000) * 2 ** Math.min(tries, 10) * (0.5 + Math.random()));

  // When the connection is lost: request something small until Parley answers.
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
  // The server answers only if the page belongs to the signed-in user: somebody else may have signed in in another tab.
  const reader = live ? { "X-Parley-User": live.dataset.user } : {};
  const partial = { "HX-Request": "true", "HX-Request-Type": "partial", ...reader };
  parley.partial = partial;
  const lost = () => {
    if (leaving || ended || !live) return;
    trouble("net", true);
    if (!probing) probing = setTimeout(probe, parley.pause(tries = 0));
  };
  parley.lost = lost;
  // back reports whether Parley was away for more than one attempt: the page has then missed something.
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
  // A browser that leaves the page aborts running requests; that is not a lost connection.
  addEventListener("beforeunload", () => { leaving = true; setTimeout(() => { leaving = false; }, 5000); }); // a download stays
  addEventListener("pagehide", () => { leaving = true; });
  addEventListener("pageshow", () => { leaving = false; });

  // The session has ended: the input is stored in the browser, and the page redirects to the sign-in and back. A failed
  // background request never redirects a user who is typing.
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
  // The user signed in again in another tab: this one continues.
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

  // ask fetches from Parley. It rejects if there was no answer, or one that is not Parley's own.
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

  // htmx. Of the parts whose request failed, the last one for each target is requested again. Background requests never
  // take precedence over a request that the user started.
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
    if (live && ctx?.request && ctx.text === undefined) failed(ctx); // otherwise the answer arrived but is faulty
  });
})();
