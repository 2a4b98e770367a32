// Long forms (data-keep) lose nothing when the session or the connection ends under them: what was typed is kept in the
// browser and filled in again on the form's page, for the same person, until the form was taken.
(() => {
  "use strict";
  const parley = window.parley;
  const live = document.getElementById("live"), user = live?.dataset.user || "";
  const keyOf = (form) => `form:${user}:${form.dataset.keep}`;
  const forms = () => [...document.querySelectorAll("form[data-keep]")];
  // Which request and version it is goes along: nothing is made twice, and nobody is overwritten in silence.
  const fieldsOf = (form) => [...form.elements].filter((el) => el.name && !el.disabled && (/^(version|request)$/.test(el.name) || !/^(hidden|file|password|submit|button|fieldset)$/.test(el.type)));
  const choice = (el) => /^(checkbox|radio)$/.test(el.type);
  const changed = (el) => choice(el) ? el.checked !== el.defaultChecked
    : el.tagName === "SELECT" ? [...el.options].some((o) => o.selected !== o.defaultSelected) : el.value !== el.defaultValue;
  const read = (key) => { try { return JSON.parse(localStorage.getItem(key) || "null"); } catch { return null; } };
  const sent = new WeakSet(); // forms that were sent, and not changed since
  const keep = (form) => {
    const list = fieldsOf(form);
    if (!list.some((el) => el.type !== "hidden" && changed(el))) return;
    const fields = list.map((el) => [el.name, choice(el) ? [el.value, el.checked] : el.value]);
    try { localStorage.setItem(keyOf(form), JSON.stringify({ at: Date.now(), sent: sent.has(form), fields })); } catch { /* full: the page still has it */ }
  };
  const drop = (form) => { filling.delete(form.dataset.keep); localStorage.removeItem(keyOf(form)); };

  document.addEventListener("parley:keep", () => forms().forEach((f) => keep(f)));
  addEventListener("pagehide", () => { if (parley.inTrouble() || parley.ended()) forms().forEach((f) => keep(f)); });
  document.addEventListener("submit", (e) => { if (e.target.matches("form[data-keep]")) { sent.add(e.target); keep(e.target); } }, true);
  document.addEventListener("input", (e) => { if (e.target.form) sent.delete(e.target.form); }, true);
  document.addEventListener("draft-saved", () => forms().filter((f) => f.dataset.autosave).forEach(drop), true);
  document.addEventListener("htmx:after:request", (e) => {
    const form = e.target.closest?.("form[data-keep]"), ctx = e.detail.ctx;
    if (form && ctx.request.method === "POST" && ctx.response.status < 300) drop(form);
  });

  // A form that was taken leads on by a redirect. One that was refused shows itself again, with what was typed.
  const led = performance.getEntriesByType("navigation")[0]?.redirectCount > 0;
  Object.keys(localStorage).filter((k) => k.startsWith("form:")).forEach((k) => {
    const kept = read(k);
    if (!kept || Date.now() - kept.at > 7 * 86400000 || kept.sent && led && k.startsWith(`form:${user}:`)) localStorage.removeItem(k);
  });

  // A page that answers the form shows what Parley made of it, which is newer than what was kept when it was sent.
  const answered = () => { if (live?.hasAttribute("data-answer")) forms().filter((f) => read(keyOf(f))?.sent).forEach(drop); };
  // Somebody chose another text than the one that was typed.
  document.addEventListener("typed-dropped", () => forms().forEach((f) => { drop(f); f.removeAttribute("data-keep"); }), true);

  // Fields may come only once another is chosen: they are filled as they appear, for a while.
  const filling = new Map();
  const put = (el, value) => {
    if (choice(el)) {
      if (el.value !== value[0] || el.checked === value[1]) return false;
      el.checked = value[1];
      return true;
    }
    if (typeof value !== "string" || el.value === value || el.tagName === "SELECT" && ![...el.options].some((o) => o.value === value)) return false;
    el.value = value;
    return true;
  };
  const fill = () => forms().forEach((form) => {
    const name = form.dataset.keep;
    if (!filling.has(name)) {
      const kept = read(keyOf(form));
      filling.set(name, kept && !form.querySelector("[aria-invalid=true]") ? { fields: kept.fields, until: Date.now() + 6000 } : null);
      if (kept) say();
    }
    const todo = filling.get(name);
    if (!todo || Date.now() > todo.until) return;
    fieldsOf(form).forEach((el) => {
      const i = todo.fields.findIndex(([n, v]) => n === el.name && (!choice(el) || v[0] === el.value));
      if (i < 0) return;
      const [[, value]] = todo.fields.splice(i, 1);
      if (!put(el, value) || el.type === "hidden") return;
      el.dispatchEvent(new Event("input", { bubbles: true }));
      el.dispatchEvent(new Event("change", { bubbles: true }));
    });
  });
  const say = () => { const out = document.getElementById("announce"); if (out) out.textContent = "What you typed before is back in the form."; };
  const start = () => {
    answered();
    fill();
    new MutationObserver(() => { clearTimeout(start.t); start.t = setTimeout(fill, 30); }).observe(document.body, { childList: true, subtree: true });
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start); else start();
})();
