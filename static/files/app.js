// Parley's own behaviour in the browser. Handlers are bound by data- attributes on the document, so that parts that
// htmx swaps in need no set-up. Without this script the pages still work as plain links and forms.
(() => {
  "use strict";
  const root = document.documentElement;

  // The theme is set before the first paint.
  const theme = () => localStorage.getItem("theme") || "system";
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const paint = () => root.classList.toggle("dark", theme() === "dark" || (theme() === "system" && dark.matches));
  paint();
  dark.addEventListener("change", paint);

  // Keys that belong to a composition (Japanese, Chinese, Korean, accents) are the input method's: Enter ends it, the
  // arrows choose within it, Escape leaves it. This listener is the first one of the window and keeps them from all
  // other handlers. Safari sends the Enter that ends a composition after compositionend, with the key code 229 and no
  // isComposing.
  ["keydown", "keypress", "keyup"].forEach((type) => addEventListener(type, (e) => {
    if (e.isComposing || e.keyCode === 229) e.stopImmediatePropagation();
  }, true));

  const on = (type, selector, fn, capture) =>
    document.addEventListener(type, (e) => {
      const el = e.target instanceof Element && e.target.closest(selector);
      if (el) fn(el, e);
    }, capture);

  on("click", "[data-theme]", () => {
    localStorage.setItem("theme", root.classList.contains("dark") ? "light" : "dark");
    paint();
  });
  on("click", "[data-open]", (el, e) => {
    const d = document.getElementById(el.dataset.open);
    if (!d) return;
    e.preventDefault();
    d.showModal();
  });
  // The server is told the browser's time zone, so that editable times are shown in it. A form keeps the zone that it
  // was shown with.
  document.cookie = `zone=${encodeURIComponent(Intl.DateTimeFormat().resolvedOptions().timeZone || "")}; path=/; max-age=31536000; samesite=lax${location.protocol === "https:" ? "; secure" : ""}`;
  on("click", "[data-print]", () => window.print());
  on("click", "[data-close]", (el) => el.closest("dialog")?.close());
  on("click", "dialog", (el, e) => { if (e.target === el) el.close(); });
  on("submit", "form[data-confirm]", (el, e) => { if (!confirm(el.dataset.confirm)) e.preventDefault(); });
  on("click", "[data-dismiss]", (el) => el.closest("[data-toast]")?.remove());
  on("change", "[data-autosubmit]", (el) => el.form.requestSubmit());
  on("change", "[data-check-all]", (el) => {
    el.closest("form").querySelectorAll("input[type=checkbox][name]:not(:disabled)").forEach((b) => { b.checked = el.checked; });
  });
  // A plain form is not submitted again while it is being sent.
  on("submit", "form[method=post]:not([hx-post])", (el, e) => {
    if (e.defaultPrevented) return;
    if (el.dataset.busy) { e.preventDefault(); return; }
    el.dataset.busy = "1";
    setTimeout(() => { delete el.dataset.busy; }, 4000);
  });

  // Times are shown in the reader's zone (the account's, else the browser's): relative, with the exact time on hover.
  const rel = new Intl.RelativeTimeFormat("en", { numeric: "auto", style: "short" });
  let exact, hour, day;
  const useZone = (timeZone) => {
    exact = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeStyle: "short", timeZone });
    hour = new Intl.DateTimeFormat("en", { hour: "2-digit", minute: "2-digit", timeZone });
    day = new Intl.DateTimeFormat("en", { weekday: "long", month: "long", day: "numeric", timeZone });
  };
  useZone();
  const ago = (ms) => {
    const s = Math.round(ms / 1000), a = Math.abs(s);
    if (a < 45) return "just now";
    if (a < 2700) return rel.format(Math.round(s / 60), "minute");
    if (a < 79200) return rel.format(Math.round(s / 3600), "hour");
    return rel.format(Math.round(s / 86400), "day");
  };
  // The server's clock counts: each element carries the server's "now", and when it arrived here is noted.
  const seen = new WeakMap();
  const serverNow = (el) => {
    const now = Number(el.dataset.now || 0);
    if (!now) return Date.now();
    let s = seen.get(el);
    if (!s || s.now !== now) seen.set(el, s = { now, at: performance.now() });
    return now + performance.now() - s.at;
  };
  const left = (ms) => {
    const m = Math.floor(ms / 60000);
    if (m >= 60) return `${Math.floor(m / 60)} h ${m % 60} min left`;
    if (m >= 1) return `${m} min left`;
    return `${Math.max(1, Math.ceil(ms / 1000))} s left`;
  };
  const span = (ms) => {
    const m = Math.floor(ms / 60000);
    return m >= 2880 ? `${Math.floor(m / 1440)} d` : m >= 60 ? `${Math.floor(m / 60)} h ${m % 60} min` : m >= 1 ? `${m} min` : "under a minute";
  };
  const tick = () => {
    document.querySelectorAll("time[data-show]").forEach((el) => {
      const t = new Date(el.dateTime);
      const text = el.dataset.show === "time" ? hour.format(t) : el.dataset.show === "day" ? day.format(t)
        : el.dataset.show === "exact" ? exact.format(t) : el.dataset.show === "since" ? span(serverNow(el) - t) : ago(t - serverNow(el));
      if (el.textContent !== text) el.textContent = text;
      if (!el.title) el.title = exact.format(t);
    });
    document.querySelectorAll("[data-due]").forEach((el) => {
      const rest = Number(el.dataset.due) - serverNow(el), label = el.querySelector("[data-left]");
      el.dataset.level = rest <= 0 ? "red" : rest < 600000 ? "amber" : "calm";
      const text = rest > 0 ? `${el.dataset.what} due in ${span(rest)}` : `${el.dataset.what} late by ${span(-rest)}`;
      if (label.textContent !== text) label.textContent = text;
    });
    document.querySelectorAll("[data-closes]").forEach((el) => {
      const rest = Number(el.dataset.closes) - serverNow(el);
      if (rest <= 0) {
        if (el.dataset.level !== "over") {
          el.dataset.level = "over";
          el.querySelector("[data-left]").textContent = "Session closed";
          document.body.dispatchEvent(new CustomEvent("window-closed"));
        }
        return;
      }
      el.dataset.level = rest < 600000 ? "red" : rest < 3600000 ? "amber" : "calm";
      const label = el.querySelector("[data-left]");
      const text = left(rest);
      if (label.textContent !== text) label.textContent = text;
      el.querySelector(".left")?.setAttribute("stroke-dasharray", `${(37.7 * Math.min(1, rest / 86400000)).toFixed(1)} 40`);
    });
  };

  const count = (el) => {
    const out = el.dataset.count && document.getElementById(el.dataset.count);
    if (!out) return;
    const n = [...el.value].length, max = Number(el.dataset.max);
    out.textContent = n > max * 0.8 || "always" in out.dataset ? `${n} / ${max}` : "";
    out.classList.toggle("text-destructive", n > max);
  };
  on("input", "[data-count]", count);
  on("click", "button[data-confirm-click]", (el, e) => { if (!confirm(el.dataset.confirmClick)) e.preventDefault(); });

  // A part of a page does not refresh itself while it contains an element that data-hold selects: one that is being
  // used, or a refused form, whose input the refresh would remove.
  document.addEventListener("htmx:before:request", (e) => {
    const hold = e.target.dataset?.hold;
    if (hold && e.target.querySelector(hold)) e.preventDefault();
  });

  // A large file is uploaded with a progress bar. Without script the form is sent as it is.
  const sayFile = (form, name) => { form.querySelector("[data-file-name]").textContent = name; };
  on("change", "input[data-file]", (el) => { if (el.files[0]) sayFile(el.form, el.files[0].name); });
  document.addEventListener("dragover", (e) => { if (e.target.closest?.("[data-drop]")) e.preventDefault(); });
  on("drop", "[data-drop]", (el, e) => {
    e.preventDefault();
    const input = el.querySelector("input[data-file]");
    if (!e.dataTransfer.files.length) return;
    input.files = e.dataTransfer.files;
    sayFile(input.form, input.files[0].name);
  });
  on("submit", "form[data-upload-form]", (form, e) => {
    const input = form.querySelector("input[data-file]");
    if (!input.files.length) return;
    e.preventDefault();
    const box = form.querySelector("[data-progress]"), bar = box.querySelector("progress"), text = box.querySelector("[data-progress-text]");
    box.classList.replace("hidden", "flex");
    form.querySelector("button").disabled = true;
    const req = new XMLHttpRequest();
    const broken = () => {
      form.querySelector("button").disabled = false;
      text.textContent = "The upload broke off. Check the connection and send it again.";
    };
    req.upload.addEventListener("progress", (p) => {
      if (!p.lengthComputable) return;
      bar.value = 100 * p.loaded / p.total;
      text.textContent = p.loaded < p.total ? `${(p.loaded / 1048576).toFixed(1)} of ${(p.total / 1048576).toFixed(1)} MB` : "Parley looks at the file …";
    });
    req.addEventListener("load", () => {
      if (!req.getResponseHeader("X-Parley")) { broken(); return; } // a proxy's page
      if (req.responseURL && new URL(req.responseURL).pathname !== location.pathname) { location.assign(req.responseURL); return; }
      const page = new DOMParser().parseFromString(req.responseText, "text/html"), main = page.querySelector("#main");
      if (main) document.querySelector("#main").replaceWith(main);
      else location.reload();
    });
    req.addEventListener("error", broken);
    req.open("POST", form.action);
    req.send(new FormData(form));
  });
  on("change", "input[type=file][data-name-in]", (el) => {
    document.getElementById(el.dataset.nameIn).textContent = el.files[0]?.name || "";
  });
  // A thread stays scrolled to its end while new messages arrive, unless the reader has scrolled up.
  const follow = (el) => {
    if (el.dataset.followed) return;
    el.dataset.followed = "1";
    let atEnd = true;
    const down = () => { if (atEnd) el.scrollTop = el.scrollHeight; };
    el.addEventListener("scroll", () => { atEnd = el.scrollHeight - el.scrollTop - el.clientHeight < 80; }, { passive: true });
    new MutationObserver(down).observe(el, { childList: true, subtree: true });
    const size = new ResizeObserver(down);
    [el, ...el.children].forEach((x) => size.observe(x)); // pictures load after their place is laid out
    down();
  };

  // A menu closes on a click elsewhere or on Escape, which returns the focus to its button.
  document.addEventListener("click", (e) => document.querySelectorAll("details.menu[open]").forEach((d) => { if (!d.contains(e.target)) d.open = false; }));
  document.addEventListener("keydown", (e) => {
    if (e.key !== "Escape") return;
    document.querySelectorAll("details.menu[open], #nav-menu[open]").forEach((d) => {
      if (d.contains(document.activeElement) || d.id === "nav-menu") d.firstElementChild.focus();
      d.open = false;
    });
  });
  // An open menu is above everything else, beside its button and entirely within the screen.
  root.dataset.script = "";
  const edge = 8;
  const lay = (menu) => {
    const card = menu.children[1], button = menu.firstElementChild.getBoundingClientRect();
    const wide = root.clientWidth, high = window.visualViewport?.height || innerHeight;
    const set = (name, px) => card.style.setProperty(name, px === "" ? "" : `${Math.round(px)}px`);
    ["left", "top", "max-height"].forEach((name) => set(name, ""));
    set("max-width", wide - 2 * edge);
    const { width, height } = card.getBoundingClientRect();
    const below = high - button.bottom - 4 - edge, over = Math.min(button.top, high) - 4 - edge;
    const up = card.matches(".bottom-full") ? over >= height || over > below : below < height && over > below;
    const room = Math.max(120, up ? over : below), tall = Math.min(height, room);
    if (tall < height) set("max-height", room);
    set("left", Math.max(edge, Math.min(card.matches(".right-0") ? button.right - width : button.left, wide - width - edge)));
    set("top", Math.max(edge, Math.min(up ? button.top - 4 - tall : button.bottom + 4, high - tall - edge)));
  };
  // The position is updated as the page scrolls and changes, and as the menu's own size changes.
  const laid = new WeakMap();
  const stick = () => {
    const open = [...document.querySelectorAll("details.menu[open]")].filter((menu) => menu.children[1]?.popover);
    open.forEach((menu) => {
      const at = menu.firstElementChild.getBoundingClientRect(), card = menu.children[1].getBoundingClientRect();
      const now = [at.left, at.top, card.left, card.top, card.width, card.height, root.clientWidth, innerHeight].join();
      if (laid.get(menu) === now) return;
      lay(menu);
      const then = menu.children[1].getBoundingClientRect();
      laid.set(menu, [at.left, at.top, then.left, then.top, then.width, then.height, root.clientWidth, innerHeight].join());
    });
    if (open.length) requestAnimationFrame(stick);
  };
  document.addEventListener("toggle", (e) => {
    const menu = e.target, card = menu.matches?.("details.menu") && menu.children[1];
    if (!card || !card.matches(".menu-card, .absolute")) return;
    if (menu.open) {
      card.popover = "manual";
      card.showPopover?.();
      requestAnimationFrame(stick);
    } else {
      card.removeAttribute("popover");
      card.removeAttribute("style");
    }
  }, true);

  // An on-screen keyboard covers a part of the screen. Where the browser does not resize the page for it (Safari), the
  // script does.
  const view = window.visualViewport;
  view?.addEventListener("resize", () => {
    const covered = view.scale === 1 && innerHeight - view.height > 60;
    if (covered) root.style.setProperty("--screen", `${Math.round(view.height)}px`);
    else root.style.removeProperty("--screen");
    if (covered && document.querySelector(".screen")) scrollTo(0, 0);
  });

  // A new alert appears as a toast and, if the user allowed it, as a notification of the browser.
  let rung = null;
  const ring = () => {
    const bell = document.getElementById("bell");
    if (!bell) return;
    const id = bell.dataset.bell;
    if (rung === null || id === rung || !id) { rung = id; return; }
    rung = id;
    if (window.Notification?.permission === "granted") {
      const n = new Notification(bell.dataset.title, { body: bell.dataset.body, tag: id });
      n.onclick = () => { window.focus(); location.href = bell.dataset.href; };
    }
    const toast = document.createElement("div");
    toast.className = "toast-card";
    toast.dataset.toast = "brief";
    toast.setAttribute("role", "status");
    const link = document.createElement("a");
    link.className = "flex-1 font-medium hover:underline";
    link.href = bell.dataset.href;
    link.textContent = bell.dataset.title;
    const close = document.createElement("button");
    close.type = "button";
    close.dataset.dismiss = "";
    close.setAttribute("aria-label", "Close");
    close.textContent = "×";
    toast.append(link, close);
    document.getElementById("alert-toast")?.replaceChildren(toast);
  };
  const offer = () => document.querySelectorAll("[data-allow-browser]").forEach((el) => { el.hidden = !window.Notification || Notification.permission !== "default"; });
  on("click", "[data-allow-browser]", () => Notification.requestPermission().then(offer));

  const settle = () => {
    tick();
    ring();
    offer();
    document.querySelectorAll("[data-count]").forEach(count);
    document.querySelectorAll("[data-follow]").forEach(follow);
    document.querySelectorAll("[data-toast]:not([data-timed])").forEach((el) => {
      el.dataset.timed = "1";
      if (el.dataset.toast !== "stay") setTimeout(() => el.remove(), 6000);
    });
  };
  document.addEventListener("DOMContentLoaded", () => {
    const zone = document.getElementById("live")?.dataset.timeZone;
    try { if (zone) useZone(zone); } catch { /* a zone that this browser does not know: its own, then */ }
    settle();
    // A refusal may be far below the visible part: scroll to it.
    const refused = document.querySelector("#main [aria-invalid=true]") || document.querySelector("#main [data-problem]");
    if (refused) { refused.focus({ preventScroll: true }); refused.scrollIntoView({ block: "center" }); }
    setInterval(tick, 1000);
    new MutationObserver(() => { clearTimeout(settle.t); settle.t = setTimeout(settle, 15); }).observe(document.body, { childList: true, characterData: true, subtree: true });
  });
})();
