// The inbox's behaviour: the thread that keeps its scroll position, and the composer. As in app.js, handlers are bound
// by data- attributes on the document; without this script the pages work as plain links and forms.
(() => {
  "use strict";
  const $ = (s, el = document) => el.querySelector(s);
  const $$ = (s, el = document) => [...el.querySelectorAll(s)];
  const emojiURL = document.currentScript?.dataset.emoji;
  const on = (type, selector, fn, capture) => document.addEventListener(type, (e) => {
    const el = e.target instanceof Element && e.target.closest(selector);
    if (el) fn(el, e);
  }, capture);
  const base = () => $("#composer")?.dataset.base;
  const ask = window.parley.ask;
  const post = (url, fields, keep) => ask(url, { method: "POST", body: new URLSearchParams(fields), keepalive: !!keep }).catch(() => null);
  const area = () => $("#write textarea");

  // The thread: older messages are added above without moving what is visible; links jump to the end, to new messages
  // and to a quoted message.
  let olderBusy = false;
  const older = async (a) => {
    if (olderBusy) return;
    olderBusy = true;
    const box = $("[data-follow]");
    try {
      const res = await ask(a.dataset.older).catch(() => null);
      if (!res?.ok) return;
      const t = document.createElement("template");
      t.innerHTML = await res.text();
      $("#thread-from")?.remove();
      const height = box.scrollHeight, top = box.scrollTop, mark = a.closest("#older");
      $$("[id]", t.content).forEach((el) => { if (el.id !== "older" && el.id !== "thread-from" && document.getElementById(el.id)) el.remove(); });
      mark.replaceWith(...t.content.childNodes);
      box.scrollTop = top + box.scrollHeight - height;
      window.htmx?.process($("#thread"));
    } finally { olderBusy = false; }
  };
  on("click", "[data-older]", (a, e) => { e.preventDefault(); older(a); });
  const bound = new WeakSet();
  const bindThread = () => {
    const box = $("#conversation [data-follow]");
    if (!box || bound.has(box)) return;
    bound.add(box);
    const end = $("[data-to-end]", box);
    box.addEventListener("scroll", () => {
      if (box.scrollTop < 400) { const a = $("[data-older]", box); if (a && !box.dataset.opening) older(a); }
      const far = box.scrollHeight - box.scrollTop - box.clientHeight;
      end.hidden = far < 300;
      if (far < 80) delete end.dataset.new;
      $("[data-to-end-text]", end).textContent = end.dataset.new ? "New messages" : "Latest";
    }, { passive: true });
    box.dataset.opening = "1";
    // A thread opens at the newest message, or at the requested one; a button leads up to the first new message.
    const line = () => $("#unread-line", box), here = $("article[data-here]", box), up = $("[data-to-unread]", box);
    const above = () => { up.hidden = !line() || line().getBoundingClientRect().bottom > box.getBoundingClientRect().top; };
    box.addEventListener("scroll", above, { passive: true });
    setTimeout(() => {
      if (here) here.scrollIntoView({ block: "center" });
      above();
      delete box.dataset.opening;
    }, 60);
    count = $$("article[data-direction=inbound]", box).length;
  };
  let count = 0;
  on("click", "[data-to-unread]", (a, e) => { e.preventDefault(); $("#unread-line")?.scrollIntoView({ block: "start" }); });
  on("click", "[data-to-end]", (b) => { const box = b.closest("[data-follow]"); box.scrollTop = box.scrollHeight; });
  on("click", "[data-jump]", (a, e) => {
    const el = document.getElementById(a.dataset.jump);
    if (!el) return;
    e.preventDefault();
    el.scrollIntoView({ block: "center" });
    el.dataset.here = "";
    setTimeout(() => delete el.dataset.here, 2000);
  });
  on("click", "[data-lightbox]", (a, e) => {
    if (e.ctrlKey || e.metaKey || e.shiftKey) return;
    e.preventDefault();
    const d = document.createElement("dialog"), img = document.createElement("img"), link = document.createElement("a");
    d.className = "lightbox";
    img.src = a.href;
    img.alt = $("img", a)?.alt || "";
    link.href = a.href;
    link.textContent = "Download";
    link.download = "";
    link.className = "btn";
    d.append(img, link);
    document.body.append(d);
    d.addEventListener("close", () => d.remove());
    d.addEventListener("click", (x) => { if (x.target !== link) d.close(); });
    d.showModal();
  });

  // After a conversation is resolved or snoozed, the next one is opened.
  on("htmx:after:request", "form[data-go-on]", (form) => {
    const id = $("#conversation")?.dataset.conversation;
    if (!id || form.id === "bulk") return;
    const all = $$("#list li.inbox-row"), at = all.findIndex((li) => li.dataset.id === id);
    const next = all[at + 1] || all[at - 1];
    if (next && next.dataset.id !== id && matchMedia("(min-width: 64rem)").matches) $("a", next).click();
  });
  on("htmx:after:request", "form", (form) => form.closest("details.menu")?.removeAttribute("open"));

  // Selecting several conversations.
  const chosen = () => {
    const n = $$("#list .row-check:checked").length, bar = $("[data-bulk]");
    if (!bar) return;
    $("[data-bulk-count]", bar).textContent = `${n} chosen`;
  };
  on("click", "[data-select-mode]", (b) => {
    const desk = b.closest(".desk"), now = !desk.hasAttribute("data-selecting");
    desk.toggleAttribute("data-selecting", now);
    b.setAttribute("aria-pressed", String(now));
    const bar = $("[data-bulk]");
    bar.classList.toggle("hidden", !now);
    bar.classList.toggle("flex", now);
    $$("[data-bulk-do]").forEach((s) => { s.disabled = false; });
    if (!now) $$("#list .row-check:checked").forEach((c) => { c.checked = false; });
    chosen();
  });
  on("change", ".row-check", chosen);
  on("change", "[data-bulk-do]", (s) => {
    if (s.value === "-") return;
    $$("[data-bulk-do]").forEach((x) => { x.disabled = x !== s; });
    s.form.requestSubmit();
    setTimeout(() => $$("[data-bulk-do]").forEach((x) => { x.disabled = false; x.value = "-"; }), 50);
  });
  on("submit", "#bulk", (form, e) => {
    if (e.submitter) $$("[data-bulk-do]").forEach((x) => { x.disabled = true; });
    setTimeout(() => $$("[data-bulk-do]").forEach((x) => { x.disabled = false; }), 50);
    setTimeout(chosen, 300);
  }, true);

  const saveDraft = window.parley.drafts.save;
  on("input", "#write textarea[data-draft]", (el) => { saveDraft(el); type(el); seen(el); });

  // Presence: others see who views the conversation and who is typing.
  let typed = 0, beat;
  const look = (typing) => { const b = base(); if (b && !document.hidden) post(b + "/heartbeat", typing ? { typing: "1" } : {}); };
  const type = (el) => {
    if (!el.value || el.dataset.draftMode !== "reply" || Date.now() - typed < 3000) return;
    typed = Date.now();
    look(true);
  };
  let lookedAt = "";
  const leave = (b) => post(b + "/heartbeat", { left: "1" }, true);
  const watchPresence = () => {
    const b = base() || "";
    if (b === lookedAt) return;
    if (lookedAt) leave(lookedAt);
    lookedAt = b;
    clearInterval(beat);
    if (!b) return;
    look(false);
    beat = setInterval(() => { look(Date.now() - typed < 5000); document.body.dispatchEvent(new CustomEvent("people-check")); }, 6000);
  };
  addEventListener("pagehide", () => { if (lookedAt) leave(lookedAt); const el = area(); if (el && window.parley.drafts.isUnsaved()) saveDraft(el, true, true); });
  // What the thread shows while nothing is being written counts as seen: only later answers by others are a collision.
  const seen = (el) => {
    if (el.value.length > 1) return;
    const f = $("[data-seen]"), last = $("#thread")?.dataset.lastOther;
    if (f && last) f.value = last;
  };

  // Quoting. A composer that is replaced before anything is written keeps its quote.
  let quoted = null;
  const requote = () => {
    if (!quoted || quoted.base !== base() || $("#composer [data-sent]")) { quoted = null; return; }
    if ($("[data-quote-field]")?.value === "") quote(quoted.id, quoted.text);
  };
  const quote = (id, text) => {
    quoted = id ? { base: base(), id, text } : null;
    const box = $("[data-quote-box]"), field = $("[data-quote-field]");
    if (!box || !field) return;
    field.value = id;
    $("[data-quote-line]", box).textContent = text;
    box.classList.toggle("hidden", !id);
    const el = area();
    if (el) { el.focus(); if (el.value) saveDraft(el); }
  };
  on("click", "[data-quote]", (b) => quote(b.dataset.quote, b.dataset.quoteText));
  on("click", "[data-unquote]", () => quote("", ""));

  // Formatting, emoji, canned replies: all insert text at the cursor, in a way that the browser's undo supports.
  const insert = (el, text, from = el.selectionStart, to = el.selectionEnd) => {
    el.focus();
    el.setSelectionRange(from, to);
    if (!document.execCommand("insertText", false, text)) { el.setRangeText(text, from, to, "end"); el.dispatchEvent(new Event("input", { bubbles: true })); }
  };
  const mark = (m) => {
    const el = area();
    if (!el) return;
    const from = el.selectionStart, to = el.selectionEnd, text = el.value.slice(from, to);
    insert(el, m + text + m, from, to);
    if (!text) el.setSelectionRange(from + m.length, from + m.length);
  };
  on("click", "[data-mark]", (b) => mark(b.dataset.mark));
  on("keydown", "#write textarea", (el, e) => {
    if (!(e.ctrlKey || e.metaKey)) return;
    const key = e.shiftKey ? e.key.toUpperCase() : e.key.toLowerCase();
    const m = { b: "*", i: "_", X: "~", M: "```" }[key];
    if (m) { e.preventDefault(); mark(m); }
  });
  const offers = () => $("[data-offers]");
  let asked = 0, listed = 0, trigger = null;
  const hideOffers = () => { const o = offers(); if (o) { o.classList.add("hidden"); o.replaceChildren(); } trigger = null; };
  const offer = async (el) => {
    const before = el.value.slice(0, el.selectionStart);
    const m = el.dataset.draftMode === "note" ? before.match(/(^|\s)@([^\s@]{0,30})$/) : before.match(/(^|\s)\/([a-z0-9_-]{0,30})$/i);
    if (!m) { hideOffers(); return; }
    trigger = el.selectionStart - m[2].length - 1;
    const n = ++asked;
    const res = await ask(`${base()}/canned?q=${encodeURIComponent(m[2])}${el.dataset.draftMode === "note" ? "&kind=people" : ""}`).catch(() => null);
    const list = res?.ok ? await res.text() : null;
    if (list === null || n !== asked || trigger === null) return;
    offers().innerHTML = list;
    offers().classList.remove("hidden");
    listed = n;
  };
  on("input", "#write textarea", offer);
  const take = (b) => {
    const el = area();
    if (trigger === null || !el) return;
    const from = trigger;
    hideOffers();
    insert(el, b.dataset.offer, from, el.selectionStart);
    if (b.dataset.offerId) post(`/replies/${b.dataset.offerId}/used`, {});
  };
  on("click", "[data-offer]", take);
  document.addEventListener("keydown", (e) => {
    const o = offers();
    if (!o || o.classList.contains("hidden") || e.target !== area()) return;
    const all = $$("[data-offer]", o), at = all.findIndex((b) => b.getAttribute("aria-selected") === "true");
    if (e.key === "ArrowDown" || e.key === "ArrowUp") {
      e.preventDefault();
      const to = (at + (e.key === "ArrowDown" ? 1 : -1) + all.length) % all.length;
      all.forEach((b, i) => b.setAttribute("aria-selected", String(i === to)));
      all[to]?.scrollIntoView({ block: "nearest" });
    } else if ((e.key === "Enter" || e.key === "Tab") && all.length) {
      e.preventDefault();
      e.stopPropagation();
      // A list that answers an earlier, shorter input would insert another reply than the one that was meant.
      if (listed === asked) take(all[Math.max(0, at)]);
    } else if (e.key === "Escape") { e.stopPropagation(); hideOffers(); }
  }, true);
  // Enter sends, or Ctrl-Enter for users whose Enter starts a new line.
  on("keydown", "#write textarea[data-enter]", (el, e) => {
    if (e.key !== "Enter" || e.defaultPrevented) return;
    const sends = el.dataset.enter === "true" ? !e.shiftKey : e.ctrlKey || e.metaKey;
    if (!sends || (!el.value.trim() && !$("#uploads li"))) return;
    e.preventDefault();
    if (!el.form.dataset.busy) el.form.requestSubmit($("[data-testid=send]", el.form));
  });

  // Emoji: a few thousand, searched by their names.
  let emoji;
  const drawEmoji = (box, q) => {
    const words = q.toLowerCase().split(/\s+/).filter(Boolean), grid = $("[data-emoji-grid]", box);
    const recent = JSON.parse(localStorage.getItem("emoji") || "[]");
    const list = words.length ? emoji.filter((e) => words.every((w) => e[1].includes(w))) : [...recent.map((c) => [c, ""]), ...emoji];
    grid.replaceChildren(...list.slice(0, words.length ? 200 : 600).map(([c, name]) => {
      const b = document.createElement("button");
      b.type = "button";
      b.textContent = c;
      b.title = name.split("|")[0];
      b.dataset.emojiChar = c;
      return b;
    }));
  };
  on("click", "[data-emoji]", async (b) => {
    const box = $("[data-emoji-box]"), open = box.classList.contains("hidden");
    box.classList.toggle("hidden", !open);
    b.setAttribute("aria-expanded", String(open));
    if (!open) return;
    if (!box.firstChild) {
      const input = document.createElement("input"), grid = document.createElement("div");
      input.type = "search";
      input.className = "input h-8 text-sm";
      input.placeholder = "Search emoji";
      input.setAttribute("aria-label", "Search emoji");
      input.addEventListener("input", () => drawEmoji(box, input.value));
      input.addEventListener("keydown", (e) => { if (e.key === "Enter") { e.preventDefault(); $("[data-emoji-char]", grid)?.click(); } });
      grid.dataset.emojiGrid = "";
      grid.className = "emoji-grid thin-scroll";
      box.append(input, grid);
    }
    emoji = emoji || await ask(emojiURL).then((r) => r.json()).catch(() => null);
    if (!emoji) return; // the page says that the connection is lost
    drawEmoji(box, "");
    $("input", box).focus();
  });
  on("click", "[data-emoji-char]", (b) => {
    const c = b.dataset.emojiChar, recent = JSON.parse(localStorage.getItem("emoji") || "[]").filter((x) => x !== c);
    localStorage.setItem("emoji", JSON.stringify([c, ...recent].slice(0, 16)));
    insert(area(), c);
  });

  // Files: checked before the upload, then uploaded one after the other, with progress.
  const limitOf = (input, file) => {
    const ending = "." + file.name.split(".").pop().toLowerCase();
    const all = Object.fromEntries(input.dataset.limits.split(" ").map((p) => p.split("=")));
    return Number(all[file.type] || all[ending] || 0);
  };
  const size = (n) => n < 1048576 ? `${Math.round(n / 1024)} KB` : `${(n / 1048576).toFixed(n % 1048576 ? 1 : 0)} MB`;
  const complain = (text) => {
    const p = document.createElement("div");
    p.className = "problem";
    p.setAttribute("role", "alert");
    p.dataset.problem = "file";
    p.textContent = text;
    $("#uploads [data-problem]")?.remove();
    $("#uploads")?.append(p);
  };
  const upload = (file, force) => new Promise((done) => {
    const input = $("[data-attach]");
    if (!input) { done(); return; }
    const limit = limitOf(input, file);
    if (!force && !limit) { complain(`WhatsApp takes no file like ${file.name}. Attach a picture (JPEG, PNG), a video (MP4), a recording, a PDF, a text or an Office document.`); done(); return; }
    if (!force && file.size > limit) { complain(`${file.name} has ${size(file.size)}; ${size(limit)} is the most that WhatsApp takes.`); done(); return; }
    const row = document.createElement("div"), bar = document.createElement("progress"), name = document.createElement("span");
    row.className = "upload-row";
    row.dataset.testid = "progress";
    if (file.type.startsWith("image/")) { const img = document.createElement("img"); img.src = URL.createObjectURL(file); img.alt = ""; row.append(img); }
    name.textContent = file.name;
    bar.max = 100;
    row.append(name, bar);
    $("#uploads").append(row);
    const req = new XMLHttpRequest(), form = new FormData();
    form.append("file", file, file.name);
    req.upload.addEventListener("progress", (p) => { if (p.lengthComputable) bar.value = 100 * p.loaded / p.total; });
    const end = () => {
      row.remove();
      const ours = req.getResponseHeader("X-Parley");
      if (ours && req.status === 401) window.parley.signedOut(true);
      if (!ours) window.parley.lost();
      if (ours && (req.status === 200 || req.status === 422)) {
        const t = document.createElement("template");
        t.innerHTML = req.responseText;
        const fresh = $("#uploads", t.content);
        if (fresh && $("#uploads")) { $("#uploads").replaceWith(fresh); window.htmx?.process(fresh); }
      } else complain(ours && req.status === 413 ? `${file.name} is too large.` : `${file.name} did not arrive. Check the connection and attach it again.`);
      done();
    };
    req.addEventListener("load", end);
    req.addEventListener("error", end);
    req.open("POST", base() + "/uploads");
    req.setRequestHeader("HX-Request", "true");
    req.setRequestHeader("HX-Request-Type", "partial");
    req.send(form);
  });
  let queue = Promise.resolve();
  const uploadAll = (files) => [...files].forEach((f) => { queue = queue.then(() => upload(f)); });
  on("change", "[data-attach]", (el) => { uploadAll(el.files); el.value = ""; });
  // Copied cells and formatted text also contain a picture of themselves; the user means the text. A copied file also
  // contains its name as text.
  const meansText = (data) => {
    const names = [...data.files].map((f) => f.name);
    const lines = data.getData("text/plain").split(/\r?\n/).map((l) => l.trim()).filter(Boolean);
    return lines.some((l) => !names.includes(l.split("/").pop()) && !/^(file|https?|data|blob):\S+$/.test(l));
  };
  on("paste", "#write textarea", (el, e) => {
    if (!e.clipboardData.files.length || !$("[data-attach]") || meansText(e.clipboardData)) return;
    e.preventDefault();
    uploadAll(e.clipboardData.files);
  });
  document.addEventListener("dragover", (e) => { if ($("[data-drop-files]") && e.target.closest?.("#conversation")) { e.preventDefault(); $("#conversation").dataset.dropping = ""; } });
  document.addEventListener("dragleave", (e) => { if (!e.relatedTarget?.closest?.("#conversation")) delete $("#conversation")?.dataset.dropping; });
  on("drop", "#conversation", (el, e) => {
    delete el.dataset.dropping;
    if (!$("[data-drop-files]") || !e.dataTransfer.files.length) return;
    if (meansText(e.dataTransfer)) {
      if (e.target === area()) return;
      e.preventDefault();
      area()?.focus();
      area()?.setRangeText(e.dataTransfer.getData("text/plain"), area().selectionEnd, area().selectionEnd, "end");
      area()?.dispatchEvent(new Event("input", { bubbles: true }));
      return;
    }
    e.preventDefault();
    uploadAll(e.dataTransfer.files);
  });

  // Voice notes.
  let recorder;
  on("click", "[data-record]", async (b) => {
    if (recorder) { recorder.stop(); return; }
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true }).catch(() => null);
    if (!stream) { complain("The microphone can't be used. Allow it for this page in the browser."); return; }
    const type = ["audio/ogg;codecs=opus", "audio/webm;codecs=opus", "audio/mp4"].find((t) => MediaRecorder.isTypeSupported(t)) || "";
    const parts = [], began = Date.now();
    recorder = new MediaRecorder(stream, type ? { mimeType: type } : {});
    b.dataset.recording = "";
    b.setAttribute("aria-label", "Stop the recording");
    const clock = setInterval(() => { b.title = `Recording, ${Math.round((Date.now() - began) / 1000)} s: press to stop`; }, 500);
    recorder.ondataavailable = (e) => parts.push(e.data);
    recorder.onstop = () => {
      clearInterval(clock);
      stream.getTracks().forEach((t) => t.stop());
      const kind = recorder.mimeType.split(";")[0];
      recorder = null;
      delete b.dataset.recording;
      b.setAttribute("aria-label", "Record a voice note");
      const ending = { "audio/ogg": "ogg", "audio/webm": "webm", "audio/mp4": "m4a" }[kind] || "webm";
      queue = queue.then(() => upload(new File(parts, "voice-note." + ending, { type: kind }), true));
    };
    recorder.start(500);
  });

  // The composer on this page: the draft's cursor, whether the session has changed, the right times.
  const prepare = () => {
    bindThread();
    watchPresence();
    $$("[data-record]").forEach((el) => { el.hidden = !(window.MediaRecorder && navigator.mediaDevices); });
    const thread = $("#thread"), composer = $("#composer");
    if (thread && composer && thread.dataset.session !== composer.dataset.session && thread.dataset.session !== prepare.told) {
      prepare.told = thread.dataset.session;
      document.body.dispatchEvent(new CustomEvent("session-changed"));
    } else if (thread && composer && thread.dataset.session === composer.dataset.session) prepare.told = "";
    const box = $("#conversation [data-follow]");
    if (box) {
      const n = $$("article[data-direction=inbound]", box).length, end = $("[data-to-end]", box);
      if (n > count && !end.hidden) { end.dataset.new = ""; $("[data-to-end-text]", end).textContent = "New messages"; }
      count = n;
    }
  };
  // A fresh composer takes over the last one's text, before the next key is handled.
  const place = () => {
    const el = area();
    if (!el || el.dataset.placed) return;
    el.dataset.placed = "1";
    window.parley.drafts.place(el);
    requote();
    el.setSelectionRange(el.value.length, el.value.length);
  };
  on("click", "[data-then-write]", () => { sessionStorage.setItem("then-write", "1"); });
  const focusThen = () => { if (sessionStorage.getItem("then-write") && area()) { sessionStorage.removeItem("then-write"); area().focus(); } };
  const start = () => {
    place();
    prepare();
    new MutationObserver(() => { place(); clearTimeout(start.t); start.t = setTimeout(() => { prepare(); focusThen(); }, 20); }).observe(document.body, { childList: true, subtree: true, attributes: true, attributeFilter: ["data-session"] });
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start); else start();
})();
