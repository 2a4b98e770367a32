// Drafts of the composer. What is typed is stored in the browser until the server has it: as a draft, or as a message
// after an answer that confirms it. After any other answer, or none, it stays in the browser. Each user has separate
// drafts.
(() => {
  "use strict";
  const parley = window.parley;
  const $ = (s) => document.querySelector(s);
  const user = $("#live")?.dataset.user || "";
  const base = () => $("#composer")?.dataset.base;
  const area = () => $("#write textarea");
  const keyFor = (mode) => `draft:${user}:${base()}:${mode}`;
  const keyOf = (el) => keyFor(el.dataset.draftMode);
  const read = (key) => { try { return JSON.parse(localStorage.getItem(key) || "null"); } catch { return null; } };
  const write = (key, kept) => { try { localStorage.setItem(key, JSON.stringify({ at: Date.now(), ...kept })); } catch { /* full: the page still has it */ } };
  const drop = (key) => localStorage.removeItem(key);
  const quoteOf = () => $("[data-quote-field]")?.value || "";
  const token = () => $("#write [name=token]");

  // A draft that has not been opened for a month is discarded.
  Object.keys(localStorage).filter((k) => k.startsWith("draft:")).forEach((k) => { if (!(Date.now() - read(k)?.at < 30 * 86400000)) drop(k); });

  // Drafts are sent to the server one after the other, so that the newest text arrives last. Only a page that is being
  // left can't wait: its text stays in the browser, and the next page sends it.
  let timer, unsaved = false, saving = Promise.resolve(), underWay = 0, overtaken = false, sent = 0, newest = "";
  const save = (el, now, leaving) => {
    clearTimeout(timer);
    const key = keyOf(el), was = read(key);
    if (el.form.dataset.sending) { // it is a message by now: text typed meanwhile belongs to the next one
      write(key, { ...was, text: el.value });
      return Promise.resolve();
    }
    const fields = { mode: el.dataset.draftMode, body: el.value, quote: quoteOf() }, draft = JSON.stringify([key, fields]);
    if (now && !leaving && draft === newest && underWay) return saving;
    newest = draft;
    unsaved = true;
    write(key, { text: fields.body, quote: fields.quote, token: was?.token });
    const to = base() + "/draft", before = sent;
    const post = async () => {
      const stale = before !== sent; // it waited, and is a message by now
      const request = { method: "POST", body: new URLSearchParams(fields), keepalive: !!leaving, signal: AbortSignal.timeout(15000) };
      const res = stale ? null : await parley.ask(to, request).catch(() => null);
      underWay--;
      if (draft === newest) unsaved = false;
      const kept = read(key);
      if (!res?.ok || !kept || kept.text !== fields.body || kept.sent !== undefined || kept.token) return;
      drop(key);
      sessionStorage.setItem(key, JSON.stringify({ at: Date.now(), text: fields.body }));
    };
    const go = () => {
      underWay++;
      return saving = leaving ? post() : saving.then(post);
    };
    if (now) return go();
    timer = setTimeout(go, 700);
    return Promise.resolve();
  };
  document.addEventListener("parley:back", () => {
    const el = area(); // another tab on the same conversation has the same key, and may have the text
    if (el && read(keyOf(el))?.text === el.value) save(el, true);
  });
  document.addEventListener("parley:keep", () => { const el = area(); if (el && el.value !== el.defaultValue) write(keyOf(el), { ...read(keyOf(el)), text: el.value, quote: quoteOf() }); });
  // After a sign-in, reopen the composer that was open before.
  parley.returnTo = () => {
    const mode = $("#composer [role=tab][aria-selected=true]")?.dataset.mode;
    const at = new URL(location.href);
    if (mode && mode !== "reply") at.searchParams.set("mode", mode);
    const template = $("#composer input[name=template]")?.value;
    if (template) at.searchParams.set("template", template);
    return at.pathname + at.search;
  };

  // While a message is being sent, nothing else may replace the composer: the answer does.
  const redraws = (from) => from instanceof Element && from.closest("#composer") && from.hasAttribute("hx-get");
  document.addEventListener("htmx:after:request", (e) => { if (redraws(e.target) && $("#write")?.dataset.sending) e.preventDefault(); });
  // Before the composer is replaced, its text is saved, so that the new one shows it.
  document.addEventListener("htmx:before:request", (e) => {
    const from = e.target, el = area();
    if (from.closest?.("#write") && e.detail.ctx.request.method === "POST" && e.detail.ctx.target?.id === "composer") begin(from.closest("#write"));
    if (redraws(from) && $("#write")?.dataset.sending) { e.preventDefault(); return; }
    if (!unsaved || !el || !redraws(from)) return;
    e.preventDefault();
    save(el, true).then(() => { if (from.isConnected) { if (from.tagName === "A") from.click(); else from.dispatchEvent(new CustomEvent("again")); } });
  });

  // On sending, the draft stays in the browser, marked as sent with the form's token.
  let sentKey = "";
  const begin = (form) => {
    if (form.dataset.sending) return;
    clearTimeout(timer);
    unsaved = false;
    sent++;
    overtaken = underWay > 0; // a draft that reaches the server after its message has to be removed again
    form.dataset.sending = "1";
    const el = area();
    if (!el) return;
    sentKey = keyOf(el);
    sessionStorage.removeItem(sentKey);
    write(sentKey, { text: el.value, sent: el.value, token: token()?.value, quote: quoteOf() });
  };
  document.addEventListener("submit", (e) => { if (e.target.id === "write") begin(e.target); }, true);
  // The form is still there after its request, so it was not accepted. If the outcome is unknown it keeps its token, so
  // that sending it again creates no second message.
  document.addEventListener("htmx:finally:request", (e) => {
    const form = e.target.closest?.("#write"), ctx = e.detail.ctx;
    if (!form?.dataset.sending || ctx.request.method !== "POST" || ctx.target?.id !== "composer") return;
    delete form.dataset.sending;
    const el = area(), status = ctx.response?.status;
    sentKey = "";
    if (!el) return;
    const known = ctx.response?.headers.has("X-Parley") && status < 500;
    write(keyOf(el), { text: el.value, quote: quoteOf(), token: known ? undefined : token()?.value });
    if (status !== 401) save(el);
  });
  // The form was replaced by its answer: the sent text is done, and text typed after it is kept.
  const settle = () => {
    const taken = !!$("#composer [data-sent]");
    (sentKey ? [sentKey] : taken ? [keyFor("reply"), keyFor("note")] : []).forEach((key) => {
      const kept = read(key);
      if (kept?.sent === undefined) return;
      const rest = !taken || !kept.text.startsWith(kept.sent) ? kept.text : kept.text.slice(kept.sent.length).replace(/^\n+/, "");
      if (rest.trim() && !(taken && rest === kept.sent)) write(key, { text: rest, quote: taken ? "" : kept.quote });
      else drop(key);
    });
    sentKey = "";
  };

  // Text that could not be sent to the server is shown again, and sent once that is possible. A page that was requested
  // before the draft was sent does not contain it either. The time of the request is measured with the clock that
  // drafts are marked with: timeOrigin uses another one, which stops while the computer sleeps.
  const asked = Date.now() - performance.now();
  let placedOnce = false;
  const restore = (el) => {
    const key = keyOf(el), first = !placedOnce, kept = read(key), told = JSON.parse(sessionStorage.getItem(key) || "null");
    placedOnce = true;
    sessionStorage.removeItem(key);
    const text = kept ? kept.text : first && told?.at > asked ? told.text : null;
    if (text === null) return;
    // Sent, but without an answer: either the message is in the thread, or it is sent again as the same message.
    const there = kept?.token && text.trim() && [...document.querySelectorAll("#thread article[data-direction=outbound] .bubble")].slice(-5).some((b) => b.textContent.trim().endsWith(text.trim()));
    if (there || el.value === text) { drop(key); return; }
    el.value = text;
    if (kept?.token && token()) token().value = kept.token;
    if (kept?.quote && !quoteOf() && $("[data-quote-field]")) $("[data-quote-field]").value = kept.quote;
    save(el, true);
  };
  parley.drafts = {
    save,
    isUnsaved: () => unsaved,
    // place puts the last composer's text into a fresh one, before the next key is handled.
    place: (el) => {
      settle();
      restore(el);
      if (!overtaken || !$("#composer [data-sent]")) return;
      overtaken = false;
      saving.then(() => { if (el.isConnected) save(el, true); });
    },
  };
})();
