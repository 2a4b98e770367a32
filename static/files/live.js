// Live updates: one stream of events per page. Events are names, which become DOM events on the body that parts of the
// page listen to; rows of the inbox arrive complete and are put in their place. After a reconnect the page receives
// what it missed.
(() => {
  "use strict";
  const live = document.getElementById("live");
  if (!live) return;
  const parley = window.parley;
  const $ = (s, el = document) => el.querySelector(s);
  const $$ = (s, el = document) => [...el.querySelectorAll(s)];
  let source, address = "", last = "", tries = 0, again = 0, heard = 0, opened = false, full = false;

  // The content of the page decides which events it subscribes to.
  const wanted = () => {
    const topics = [...new Set($$("[data-topics]").flatMap((el) => el.dataset.topics.split(",")))].filter(Boolean).sort();
    const list = $("[data-list-view]");
    return live.dataset.events + "?user=" + live.dataset.user + "&topics=" + encodeURIComponent(topics.join(",")) + (list ? "&list=" + encodeURIComponent(list.dataset.list || "view=all") : "");
  };
  const connect = () => {
    const now = wanted();
    if (full || again || parley.ended() || source && now === address) return;
    source?.close();
    address = now;
    heard = Date.now();
    opened = false;
    const es = source = new EventSource(now + (last ? "&after=" + encodeURIComponent(last) : ""));
    const hear = () => {
      if (es !== source) return;
      heard = Date.now();
      opened = true;
      tries = 0;
      parley.trouble("stream", false);
    };
    // The user has more pages open than allowed streams: this page, the oldest, stays without a stream until it is
    // looked at again. If the server has too many streams, a visible page asks again later.
    es.addEventListener("full", (e) => {
      if (es !== source) return;
      hear();
      es.close();
      source = null;
      full = true;
      if (e.data === "server") setTimeout(() => { if (full) lookAgain(); }, 30000 * (1 + Math.random()));
    });
    es.onerror = () => { if (es === source) reconnect(); };
    es.addEventListener("beat", hear);
    const names = new Set(["resync", ...new URL(now, location.href).searchParams.get("topics").split(",")]);
    names.forEach((n) => es.addEventListener(n, (e) => { hear(); if (e.lastEventId) last = e.lastEventId; tell(n); }));
    es.addEventListener("rows", async (e) => { hear(); await pressed; rows(JSON.parse(e.data)); });
  };
  // Each page waits for a random time before it reconnects, so that not all of them come at once after a restart.
  const reconnect = (atOnce) => {
    if (full) return;
    if (source && !opened && !atOnce) parley.lost(); // is Parley reachable, and is the user still signed in?
    source?.close();
    source = null;
    parley.trouble("stream", true, 2500); // don't report a short interruption
    clearTimeout(again);
    again = setTimeout(() => { again = 0; connect(); }, atOnce ? 0 : parley.pause(tries));
    tries++;
  };
  // A stream can be dead without an error (a sleeping laptop, a frozen proxy): heartbeats are then missing.
  const silent = () => Date.now() - heard > (opened ? Number(live.dataset.silence) : Math.min(Number(live.dataset.silence), 15000));
  const watchStream = () => {
    if (source && silent()) reconnect();
    setTimeout(watchStream, Math.min(5000, Number(live.dataset.silence) / 5));
  };
  const lookAgain = () => {
    if (document.hidden || parley.ended()) return;
    full = false;
    if (!source || Date.now() - heard > Number(live.dataset.beat) * 1.25) { tries = 0; reconnect(true); }
  };
  document.addEventListener("visibilitychange", lookAgain);
  addEventListener("online", lookAgain);
  document.addEventListener("parley:back", (e) => {
    if (!e.detail) return; // Parley was reachable all the time: the stream reconnects with its own delays
    if (!source) { tries = 0; reconnect(true); }
    refreshList();
    seen?.disconnect();
    seen = null;
    watch();
  });
  const tell = (name) => {
    if (name === "resync" || name === "inbox") refreshList();
    document.body.dispatchEvent(new CustomEvent(name, { bubbles: false }));
  };
  parley.connect = connect;

  // While a pointer button is down no row moves, so that a click always hits the row it was meant for.
  let pressed = null, lift = () => {};
  document.addEventListener("pointerdown", (e) => {
    if (!e.target.closest?.("#list")) return;
    lift();
    const mine = new Promise((done) => { lift = () => { if (pressed === mine) pressed = null; done(); }; });
    pressed = mine;
    setTimeout(lift, 2000); // released outside the window
  }, true);
  const afterClick = () => setTimeout(lift, 30);
  ["pointerup", "pointercancel"].forEach((type) => document.addEventListener(type, afterClick, true));

  // Rows: each has a sort key, and is placed before all rows with greater keys.
  const place = (li) => {
    const key = li.dataset.key, all = $$("#list [data-chunk] > li");
    const after = all.find((x) => x !== li && x.dataset.key > key);
    if (after) { after.before(li); return true; }
    if ($("#list [data-more]")) return false; // it belongs to a page that has not been loaded
    const chunk = $$("#list [data-chunk]").at(-1);
    if (!chunk || chunk.dataset.away) return false;
    chunk.append(li);
    return true;
  };
  const put = (row) => {
    const old = document.getElementById("row-" + row.id);
    if (!row.html) return;
    const t = document.createElement("template");
    t.innerHTML = row.html;
    const li = t.content.firstElementChild;
    const open = $("#conversation")?.dataset.conversation;
    $("a", li).setAttribute("aria-current", String(open === row.id));
    const focused = old?.contains(document.activeElement) && document.activeElement;
    if (old) $("input", li).checked = $("input", old).checked;
    if (old && old.dataset.key === row.key) old.replaceWith(li);
    else { old?.remove(); if (!place(li)) return; }
    window.htmx?.process(li);
    if (focused) $(focused.tagName.toLowerCase(), li)?.focus({ preventScroll: true });
  };
  const rows = (u) => {
    u.gone?.forEach((id) => document.getElementById("row-" + id)?.remove());
    u.rows?.forEach(put);
    const empty = $("[data-rows-empty]");
    if (empty) empty.classList.toggle("hidden", !!$("#list [data-chunk] > li"));
    counts(u.counts);
    const news = u.rows?.filter((r) => r.news);
    if (news?.length) announce(news);
  };
  const counts = (c) => {
    if (!c) return;
    $$("[data-n]").forEach((el) => {
      const n = c[el.dataset.n] ?? 0, text = n ? (el.dataset.n === "unread" && n > 999 ? "999+" : String(n)) : "";
      if (el.textContent.trim() !== text) el.textContent = text;
    });
    if (c.unread !== undefined) unread = c.unread;
    title();
  };
  let unread = Number($('[data-n="unread"]')?.textContent.trim().replace("+", "") || 0);
  const title = () => {
    const bare = document.title.replace(/^\(\d+\+?\) /, ""), text = unread ? `(${unread > 99 ? "99+" : unread}) ${bare}` : bare;
    if (document.title !== text) document.title = text;
  };
  title();
  new MutationObserver(title).observe($("title"), { childList: true });

  // New messages are announced politely to screen readers, and shown or sounded if the user chose so.
  const told = new Map();
  const announce = (news) => {
    const here = document.visibilityState === "visible" ? $("#conversation")?.dataset.conversation : "";
    const fresh = news.filter((r) => r.id !== here && (told.get(r.id) || "") !== r.news.body + Math.floor(Date.now() / 4000));
    fresh.forEach((r) => told.set(r.id, r.news.body + Math.floor(Date.now() / 4000)));
    if (!fresh.length) return;
    $("#announce").textContent = fresh.length === 1 ? `New message from ${fresh[0].news.title}` : `${fresh.length} new messages`;
    if (live.dataset.sound === "true") ding();
    if (live.dataset.notices === "true" && document.hidden && window.Notification?.permission === "granted") {
      fresh.slice(0, 3).forEach((r) => {
        const n = new Notification(r.news.title, { body: r.news.body, tag: "row-" + r.id });
        n.onclick = () => { window.focus(); location.href = "/inbox/" + r.id; };
      });
    }
  };
  let audio, dinged = 0;
  const ding = () => {
    if (Date.now() - dinged < 1500) return;
    dinged = Date.now();
    try {
      audio = audio || new AudioContext();
      [660, 880].forEach((f, i) => {
        const o = audio.createOscillator(), g = audio.createGain(), at = audio.currentTime + i * 0.12;
        o.frequency.value = f;
        g.gain.setValueAtTime(0.0001, at);
        g.gain.exponentialRampToValueAtTime(0.15, at + 0.02);
        g.gain.exponentialRampToValueAtTime(0.0001, at + 0.25);
        o.connect(g).connect(audio.destination);
        o.start(at);
        o.stop(at + 0.3);
      });
    } catch { /* no sound here: the page does without */ }
  };

  // The list fetches itself again without losing its place: each loaded page of rows separately.
  let refreshing;
  const refreshList = () => {
    clearTimeout(refreshing);
    refreshing = setTimeout(() => $$("#list [data-chunk]").forEach((c) => {
      if (!c.dataset.away && !c.closest("[data-selecting]")) load(c);
    }), 150);
  };
  const load = async (chunk) => {
    const res = await parley.ask(chunk.dataset.chunk).catch(() => null);
    if (!res?.ok || !chunk.isConnected) return;
    const t = document.createElement("template");
    t.innerHTML = await res.text();
    const fresh = $("[data-chunk]", t.content), more = $("[data-more]", t.content);
    await pressed;
    const focus = chunk.contains(document.activeElement) && document.activeElement.closest("li")?.id;
    const open = $("#conversation")?.dataset.conversation;
    $$("li", fresh).forEach((li) => { $("a", li).setAttribute("aria-current", String(li.dataset.id === open)); $$(`#${li.id}`).forEach((x) => { if (!chunk.contains(x)) x.remove(); }); });
    chunk.replaceChildren(...fresh.children);
    delete chunk.dataset.away;
    chunk.removeAttribute("height");
    if (chunk === $$("#list [data-chunk]").at(-1)) {
      $("#list [data-more]")?.remove();
      if (more) chunk.after(more);
    }
    window.htmx?.process(chunk);
    if (focus) $("a", document.getElementById(focus) || document.createElement("i"))?.focus({ preventScroll: true });
    watch();
  };
  const next = async (more) => {
    if (more.dataset.busy) return;
    more.dataset.busy = "1";
    const res = await parley.ask($("a", more).getAttribute("href") + "&rows=1").catch(() => null);
    if (!res?.ok) { delete more.dataset.busy; return; }
    const t = document.createElement("template");
    t.innerHTML = await res.text();
    $$("li", t.content).forEach((li) => { if (document.getElementById(li.id)) li.remove(); });
    const els = [...t.content.children];
    more.replaceWith(...els);
    els.forEach((el) => window.htmx?.process(el));
    watch();
  };
  document.addEventListener("click", (e) => {
    const more = e.target.closest?.("[data-more]");
    if (more) { e.preventDefault(); next(more); }
  });
  // Virtual scrolling: pages of rows far from the visible part drop their rows and keep their height; they are loaded
  // again when they come near.
  let seen;
  const spacer = (c, h) => { const li = document.createElement("li"); li.className = "away"; const s = document.createElementNS("http://www.w3.org/2000/svg", "svg"); s.setAttribute("height", h); s.setAttribute("width", "1"); li.append(s); c.replaceChildren(li); };
  const watch = () => {
    const box = document.getElementById("rows-scroll");
    if (!box) return;
    if (seen?.root !== box) {
      seen?.disconnect();
      seen = new IntersectionObserver((list) => list.forEach((e) => {
        const el = e.target;
        if (el.matches("[data-more]")) { if (e.isIntersecting) next(el); return; }
        if (e.isIntersecting) { if (el.dataset.away) load(el); return; }
        if (!el.dataset.away && el.isConnected && el.offsetHeight > 0 && !el.closest("[data-selecting]") && !el.contains(document.activeElement)) {
          el.dataset.away = "1";
          spacer(el, el.offsetHeight);
        }
      }), { root: box, rootMargin: "2500px 0px" });
    }
    $$("#list [data-chunk], #list [data-more]").forEach((el) => seen.observe(el));
  };

  // An opened row becomes the current one; an element with other topics changes the subscription.
  const settle = () => {
    const open = $("#conversation")?.dataset.conversation || "";
    $$("#list a[aria-current]").forEach((a) => {
      const li = a.closest("li");
      if (li) a.setAttribute("aria-current", String(li.dataset.id === open));
    });
    document.querySelector(".desk")?.toggleAttribute("data-open", !!open);
    watch();
    connect();
  };
  const start = () => {
    settle();
    watchStream();
    new MutationObserver(() => { clearTimeout(start.t); start.t = setTimeout(settle, 20); }).observe(document.body, { childList: true, subtree: true });
  };
  addEventListener("focus", () => { if (full) lookAgain(); });
  addEventListener("pagehide", () => { source?.close(); source = null; clearTimeout(again); again = 0; });
  addEventListener("pageshow", (e) => { if (e.persisted) { address = ""; connect(); } });
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start); else start();

  // The command palette and the keyboard shortcuts of every page.
  const palette = document.getElementById("palette");
  const openPalette = () => {
    document.getElementById("palette-conversation").value = $("#conversation")?.dataset.conversation || "";
    palette.showModal();
    const input = $("input[type=search]", palette);
    input.value = "";
    input.dispatchEvent(new CustomEvent("palette-open", { bubbles: true }));
    input.focus();
  };
  const options = () => $$("[role=option]", palette);
  palette?.addEventListener("keydown", (e) => {
    const all = options(), at = all.findIndex((o) => o.getAttribute("aria-selected") === "true");
    if (e.key === "ArrowDown" || e.key === "ArrowUp") {
      e.preventDefault();
      const to = all[(at + (e.key === "ArrowDown" ? 1 : -1) + all.length) % all.length];
      all.forEach((o) => o.setAttribute("aria-selected", String(o === to)));
      to?.scrollIntoView({ block: "nearest" });
    } else if (e.key === "Enter") {
      e.preventDefault();
      (all[Math.max(0, at)])?.click();
    }
  });
  palette?.addEventListener("click", (e) => {
    const o = e.target.closest("[role=option]");
    if (!o) return;
    palette.close();
    if (o.dataset.paletteKey) { e.preventDefault(); press(o.dataset.paletteKey); }
  });
  const press = (key) => {
    const el = $(`[data-key="${CSS.escape(key)}"]:not(li)`);
    if (!el) return false;
    if (el.tagName === "SUMMARY") { el.parentElement.open = true; $("button, a, input", el.nextElementSibling)?.focus(); return true; }
    // A key refers to what the page showed a moment ago: the server does not let it undo what somebody else has just
    // done.
    const mark = el.form && Object.assign(document.createElement("input"), { type: "hidden", name: "by_key", value: "1" });
    if (mark) el.form.append(mark);
    el.click();
    setTimeout(() => mark?.remove(), 500); // the form is read shortly after the click
    return true;
  };
  const typing = (el) => el?.matches?.("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");
  let lastKey = "";
  const move = (by) => {
    const all = $$("#list li.inbox-row > a");
    if (!all.length) return;
    const at = all.findIndex((a) => a === document.activeElement), now = at >= 0 ? at : all.findIndex((a) => a.getAttribute("aria-current") === "true");
    const to = all[Math.min(all.length - 1, Math.max(0, now + by))];
    to.focus();
    to.scrollIntoView({ block: "nearest" });
    to.click();
  };
  document.addEventListener("keydown", (e) => {
    if ((e.ctrlKey || e.metaKey) && e.key.toLowerCase() === "k") { e.preventDefault(); if (!palette.open) openPalette(); return; }
    if (e.key === "Escape" && typing(e.target) && !document.querySelector("dialog[open]")) { e.target.blur(); return; }
    if (e.ctrlKey || e.metaKey || e.altKey || typing(e.target) || document.querySelector("dialog[open]")) return;
    const was = lastKey;
    lastKey = e.key;
    const done = () => e.preventDefault();
    if (was === "g" && e.key === "i") { done(); location.href = "/inbox"; return; }
    if (was === "g" && e.key === "h") { done(); location.href = "/"; return; }
    if (e.key === "?") { done(); document.getElementById("keys").showModal(); return; }
    if (e.key === "/") { const s = $("[data-key-search]"); done(); if (s) s.focus(); else location.href = "/search"; return; }
    if (e.key === "j") { done(); move(1); return; }
    if (e.key === "k") { done(); move(-1); return; }
    if (e.key === "u" && $("#conversation")?.dataset.listBack) { done(); location.href = $("#conversation").dataset.listBack; return; }
    if ("eastrnl".includes(e.key)) {
      if (e.key === "r" && $("#write textarea") && $("#composer")?.dataset.session === "open" && $('[data-testid="reply-form"]')) { done(); $("#write textarea").focus(); return; }
      if (press(e.key)) done();
    }
  });
})();
