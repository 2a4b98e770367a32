// Long forms (data-keep) lose nothing when the session or the connection ends while they are being filled in: the input
// is stored in the browser and restored on the form's page, for the same user, until the form was accepted.
(() => {
  "use strict";
  const parley = window.parley;
  const live = document.getElementById("live"), user = live?.dataset.user || "";
  const keyOf = (form) => `form:${user}:${form.dataset.keep}`;
  const forms = () => [...document.querySelectorAll("form[data-keep]")];
  // The form's request token and version are stored as well, so that nothing is created twice and nobody's change is
  // overwritten silently.
  const fieldsOf = (form) => [...form.elements].filter((el) => el.name && !el.disabled && (/^(version|request)$/.test(el.name) || !/^(hidden|file|password|submit|button|fieldset)$/.test(el.type)));
  const choice = (el) => /^(checkbox|radio)$/.test(el.type);
  const changed = (el) => choice(el) ? el.checked !== el.defaultChecked
    : el.tagName === "SELECT" ? [...el.options].some((o) => o.selected !== o.defaultSelected) : el.value !== el.defaultValue;
  const read = (key) => { try { return JSON.parse(localStorage.getItem(key) || "null"); } catch { return null; } };
  const keep = (form) => {
    const list = fieldsOf(form);
    if (!list.some((el) => el.type !== "hidden" && changed(el))) return;
    const fields = list.map((el) => [el.name, choice(el) ? [el.value, el.checked] : el.value]);
    try { localStorage.setItem(keyOf(form), JSON.stringify({ at: Date.now(), fields })); } catch { /* full: the page still has it */ }
  };
  const drop = (form) => { filling.delete(form.dataset.keep); localStorage.removeItem(keyOf(form)); };

  document.addEventListener("parley:keep", () => forms().forEach((f) => keep(f)));
  addEventListener("pagehide", () => { if (parley.inTrouble() || parley.ended()) forms().forEach((f) => keep(f)); });
  // The form that this tab sent last. Its input stays stored while it is being sent, because the answer may be a
  // proxy's page.
  const sentMark = "form-sent";
  document.addEventListener("submit", (e) => {
    const form = e.target;
    if (!form.matches("form[data-keep]")) return;
    keep(form);
    if (!parley.ended()) { sessionStorage.setItem(sentMark, keyOf(form)); return; }
    e.preventDefault();
    e.stopImmediatePropagation();
    parley.signedOut(true);
  }, true);
  document.addEventListener("draft-saved", () => forms().filter((f) => f.dataset.autosave).forEach(drop), true);
  document.addEventListener("htmx:after:request", (e) => {
    const form = e.target.closest?.("form[data-keep]"), ctx = e.detail.ctx;
    if (form && ctx.request.method === "POST" && ctx.response.status < 300) drop(form);
  });

  Object.keys(localStorage).filter((k) => k.startsWith("form:")).forEach((k) => { if (!(Date.now() - read(k)?.at < 7 * 86400000)) localStorage.removeItem(k); });
  // An accepted form redirects to another page, and a page that answers the form shows the server's version: both are
  // newer than the input stored when it was sent. After a sign-in or a proxy's page neither applies, and the input is
  // restored.
  const mark = sessionStorage.getItem(sentMark);
  sessionStorage.removeItem(sentMark);
  const led = performance.getEntriesByType("navigation")[0]?.redirectCount > 0 && !/\/signin$/.test(document.referrer.split("?")[0]);
  if (mark && (live?.hasAttribute("data-answer") || led)) localStorage.removeItem(mark);
  // The user chose another text than the one that was typed.
  document.addEventListener("typed-dropped", () => forms().forEach((f) => { drop(f); f.removeAttribute("data-keep"); }), true);

  // Some fields appear only after a choice: they are filled as they appear, for a while.
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
      filling.set(name, kept && !form.querySelector("[aria-invalid=true]") ? { ...kept, until: Date.now() + 6000 } : null);
    }
    const todo = filling.get(name);
    if (!todo || Date.now() > todo.until) return;
    fieldsOf(form).forEach((el) => {
      const i = todo.fields.findIndex(([n, v]) => n === el.name && (!choice(el) || v[0] === el.value));
      if (i < 0) return;
      const [[, value]] = todo.fields.splice(i, 1);
      if (!put(el, value) || el.type === "hidden") return;
      say(form, todo);
      el.dispatchEvent(new Event("input", { bubbles: true }));
      el.dispatchEvent(new Event("change", { bubbles: true }));
    });
  });
  // A message above the form says what was restored. An autosaving form has already saved it; for others it can be
  // discarded.
  const say = (form, kept) => {
    if (kept.said) return;
    kept.said = true;
    const line = document.createElement("p");
    line.className = "hint";
    line.dataset.testid = "restored";
    line.setAttribute("role", "status");
    line.textContent = `What you typed at ${new Date(kept.at).toLocaleString([], { dateStyle: "medium", timeStyle: "short" })} was restored. `;
    if (!form.dataset.autosave && !form.hasAttribute("hx-trigger")) {
      const discard = document.createElement("button");
      discard.type = "button";
      discard.className = "underline underline-offset-2";
      discard.textContent = "Discard";
      discard.addEventListener("click", () => { drop(form); form.removeAttribute("data-keep"); location.reload(); });
      line.append(discard);
    }
    form.before(line);
  };
  const start = () => {
    fill();
    new MutationObserver(() => { clearTimeout(start.t); start.t = setTimeout(fill, 30); }).observe(document.body, { childList: true, subtree: true });
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start); else start();
})();
