// The keyboard shortcuts of every page; views/layout/shell.go lists them.
import { $, $$ } from "../lib/dom.js";
import { pressKey } from "./keys.js";
import { openPalette } from "./palette.js";

const fields = "input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]";
const isField = (element) => element?.matches?.(fields);
const go = (href) => { location.href = href; };

// moveBy opens the next or the previous conversation of the list.
const moveBy = (step) => {
  const all = $$("#list li.inbox-row > a");
  if (!all.length) return;
  const focused = all.indexOf(document.activeElement);
  const now = focused >= 0 ? focused : all.findIndex((link) => link.getAttribute("aria-current") === "true");
  const next = all[Math.min(all.length - 1, Math.max(0, now + step))];
  next.focus();
  next.scrollIntoView({ block: "nearest" });
  next.click();
};

// Each returns false if the key does nothing here.
const shortcuts = {
  "?": () => document.getElementById("keys").showModal(),
  "/": () => {
    const search = $("[data-key-search]");
    if (search) search.focus();
    else go("/search");
  },
  j: () => moveBy(1),
  k: () => moveBy(-1),
  u: () => {
    const back = $("#conversation")?.dataset.listBack;
    return back ? go(back) : false;
  },
  r: () => {
    const canReply = $("#composer")?.dataset.session === "open" && $('[data-testid="reply-form"]');
    const area = canReply && $("#write textarea");
    return area ? area.focus() : pressKey("r");
  },
};
const afterG = { i: () => go("/inbox"), h: () => go("/") };
const marked = ["e", "a", "s", "t", "n", "l"]; // on the page, with data-key

let lastKey = "";
const actionOf = (key) => {
  const action = lastKey === "g" && afterG[key] || shortcuts[key];
  return action || marked.includes(key) && (() => pressKey(key));
};
const isPlain = (event) => !event.ctrlKey && !event.metaKey && !event.altKey;

const onKey = (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    openPalette();
    return;
  }
  const dialog = $("dialog[open]");
  if (event.key === "Escape" && isField(event.target) && !dialog) {
    event.target.blur();
    return;
  }
  if (!isPlain(event) || isField(event.target) || dialog) return;
  const action = actionOf(event.key);
  lastKey = event.key;
  if (action && action() !== false) event.preventDefault();
};

export const startShortcuts = () => document.addEventListener("keydown", onKey);
