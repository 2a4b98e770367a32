// The template editor: saves while the user types, marks findings in the text, applies fixes. Handlers are bound by
// data- attributes; without this script the form still works with its buttons.
(() => {
  "use strict";
  const on = (type, selector, fn, capture) =>
    document.addEventListener(type, (e) => {
      const el = e.target instanceof Element && e.target.closest(selector);
      if (el) fn(el, e);
    }, capture);
  const form = () => document.querySelector("form[data-autosave]");
  const field = (name) => form()?.elements.namedItem(name);
  const typed = (el) => el.dispatchEvent(new Event("input", { bubbles: true }));
  const say = (text, bad) => {
    const out = document.getElementById("saved");
    if (!out) return;
    out.textContent = text;
    out.classList.toggle("text-destructive", Boolean(bad));
  };

  // Autosave. Only one request runs at a time, so that each carries the version from the previous answer.
  let timer, running = null, dirty = false, stopped = false, tries = 0;
  const key = () => `template:${field("id").value || "new"}`;
  const save = async () => {
    clearTimeout(timer);
    if (running) return running;
    if (!dirty || stopped || !form()) return;
    dirty = false;
    let later = false; // it failed: the timer retries
    running = (async () => {
      try {
        const answer = await window.parley.ask(form().dataset.autosave, { method: "POST", body: new URLSearchParams(new FormData(form())), keepalive: true });
        const text = await answer.text();
        if (answer.status === 204) {
          say("");
        } else if (answer.ok) {
          const id = answer.headers.get("X-Draft");
          if (id) {
            if (!field("id").value) {
              history.replaceState(history.state, "", `/versions/${id}/edit`);
              const others = document.getElementById("others");
              if (others && window.htmx) {
                others.setAttribute("hx-get", `/versions/${id}/others`);
                others.setAttribute("hx-include", "#editor [name=version]");
                others.setAttribute("hx-trigger", "every 20s");
                window.htmx.process(others);
              }
            }
            field("id").value = id;
            field("version").value = answer.headers.get("X-Draft-Version");
            document.getElementById("saved").innerHTML = text;
            document.getElementById("saved").classList.remove("text-destructive");
            // The findings are about the stored draft, even if something was typed before htmx had loaded.
            document.body.dispatchEvent(new CustomEvent("draft-saved"));
            form().dataset.keep = `template-${id}`; // only now: the browser kept a new draft under its old name
          }
        } else if (answer.status === 409) {
          stopped = true;
          document.getElementById("conflict").innerHTML = text;
          document.getElementById("conflict").scrollIntoView({ block: "nearest" });
          say("Not saved", true);
        } else if (answer.status === 422) {
          say(text, true);
        } else {
          throw new Error(String(answer.status));
        }
        tries = 0;
      } catch {
        dirty = later = true;
        if (window.parley.ended()) say("Not saved: your session has ended. What you write is kept.", true);
        else { say("Not saved: no answer. Parley tries again.", true); timer = setTimeout(save, window.parley.pause(++tries)); }
      }
    })();
    await running;
    running = null;
    if (dirty && !stopped && !later) return save();
  };
  const changed = () => {
    dirty = true;
    if (!stopped) say("Saving …");
    clearTimeout(timer);
    timer = setTimeout(save, 600);
  };
  on("input", "form[data-autosave]", (el, e) => { if (!e.target.name?.startsWith("test_") && e.target.name) changed(); });
  on("change", "form[data-autosave] select", (el) => { if (!el.name.startsWith("test_")) changed(); });
  // Text that was typed before this script had loaded is saved too.
  if ([...(form()?.elements || [])].some((el) => el.name && !el.name.startsWith("test_") && el.matches("textarea, input:not([type])") && el.value !== el.defaultValue)) changed();
  document.addEventListener("draft-changed", changed);
  document.addEventListener("parley:back", () => { if (dirty && !stopped) save(); });
  addEventListener("pagehide", () => { if (dirty && !stopped) save(); });
  document.addEventListener("visibilitychange", () => { if (document.hidden && dirty && !stopped) save(); });

  // A button that continues with the draft waits until everything is stored.
  const flush = (el, e) => {
    if (el.dataset.flushed) { delete el.dataset.flushed; return; }
    if (!dirty && !running) return;
    if (stopped) return;
    e.preventDefault();
    e.stopImmediatePropagation();
    save().then(() => {
      if (stopped) return;
      if (window.parley.ended()) { window.parley.signedOut(true); return; }
      if (dirty) return; // not saved: the status line says so, and the text stays
      el.dataset.flushed = "1";
      el.click();
    });
  };
  on("click", "[data-flush]", flush, true);
  on("click", "[data-confirm-click]", (el, e) => { if (!confirm(el.dataset.confirmClick)) { e.preventDefault(); return; } stopped = true; });
  on("click", "[data-keep-mine]", (el) => {
    field("version").value = el.dataset.keepMine;
    document.getElementById("conflict").replaceChildren();
    stopped = false;
    changed();
    save();
  });
  on("click", "[data-take-theirs]", () => { stopped = true; document.body.dispatchEvent(new CustomEvent("typed-dropped")); });

  // Findings are marked below the text. They are outdated while the user types, so they are hidden until the answer
  // arrives.
  const marks = (el) => document.getElementById(el.dataset.marks);
  on("input", "textarea[data-marks]", (el) => marks(el)?.classList.add("stale"));
  document.addEventListener("scroll", (e) => { if (e.target instanceof Element && e.target.matches("textarea[data-marks]")) { const m = marks(e.target); if (m) m.scrollTop = e.target.scrollTop; } }, true);
  on("click", "[data-goto]", (el) => {
    const f = field(el.dataset.goto) || document.getElementById(el.dataset.goto);
    if (!f || !f.focus) return;
    f.focus();
    const [a, b] = [Number(el.dataset.from), Number(el.dataset.to)];
    if (b > a && f.setSelectionRange) f.setSelectionRange(a, b);
  });
  on("click", "[data-fix]", (el) => {
    const f = field(el.dataset.fix);
    if (!f) return;
    f.value = el.dataset.value;
    typed(f);
    f.dispatchEvent(new Event("change", { bubbles: true }));
    f.focus();
  });

  // Placeholders and formatting are inserted at the cursor.
  on("click", "[data-wrap]", (el) => {
    const t = document.getElementById(el.dataset.into), m = el.dataset.wrap;
    const [a, b] = [t.selectionStart, t.selectionEnd];
    t.setRangeText(m + t.value.slice(a, b) + m, a, b, "end");
    t.setSelectionRange(a + m.length, b + m.length);
    t.focus();
    typed(t);
  });
  // A placeholder is inserted into the field that was edited last, at its cursor: the body, the header, a card's text
  // or a link.
  let last = null;
  document.addEventListener("focusin", (e) => { if (e.target.matches?.("#editor textarea[name], #editor [name=header], #editor [name^=card-][name$=-title], #editor [name^=action-][name$=-value], #editor [name^=card-][name*=-action-][name$=-value], #editor [name=media]")) last = e.target; });
  const writing = () => (last && last.isConnected ? last : document.getElementById("body"));
  on("click", "[data-placeholder]", (el, e) => {
    e.preventDefault();
    const t = writing();
    t.setRangeText(el.dataset.placeholder, t.selectionStart, t.selectionEnd, "end");
    el.closest("details").open = false;
    t.focus();
    typed(t);
  });
  const free = (menu, e) => {
    const name = menu.querySelector("[data-free-name]");
    const text = name.value.replace(/[^\p{L}\p{M}\p{N}_ ]/gu, "").trim();
    e.preventDefault();
    if (!text) { name.focus(); return; }
    const t = writing();
    t.setRangeText(`{{${text}}}`, t.selectionStart, t.selectionEnd, "end");
    name.value = "";
    menu.open = false;
    t.focus();
    typed(t);
  };
  on("click", "[data-insert-free]", (el, e) => free(el.closest("details"), e));
  on("keydown", "[data-free-name]", (el, e) => { if (e.key === "Enter") free(el.closest("details"), e); });

  // A file is uploaded at once; its address is put into the field.
  on("change", "input[data-upload]", async (el) => {
    const file = el.files[0], target = field(el.dataset.uploadInto);
    if (!file || !target) return;
    const label = el.parentElement.querySelector("span"), before = label.textContent;
    label.textContent = "…";
    const body = new FormData();
    body.append("file", file);
    try {
      const answer = await window.parley.ask(el.dataset.upload, { method: "POST", body, act: true });
      const text = await answer.text();
      if (!answer.ok) throw new Error(answer.status === 422 ? text : "The file could not be uploaded.");
      target.value = text;
      typed(target);
    } catch (err) {
      say(err instanceof TypeError ? "The file could not be uploaded. Check the connection." : err.message, true);
    }
    label.textContent = before;
    el.value = "";
  });

  // The phone in the preview has its own light and dark theme.
  const phone = () => {
    const p = document.querySelector(".wa-phone"), t = sessionStorage.getItem("phone");
    if (p && t) { p.classList.toggle("wa-dark", t === "dark"); p.classList.toggle("wa-light", t === "light"); }
  };
  on("click", "[data-phone-theme]", () => {
    const p = document.querySelector(".wa-phone");
    const isDark = p.classList.contains("wa-dark") || (!p.classList.contains("wa-light") && document.documentElement.classList.contains("dark"));
    sessionStorage.setItem("phone", isDark ? "light" : "dark");
    phone();
  });
  new MutationObserver(phone).observe(document.documentElement, { childList: true, subtree: true });
})();
