// What the page shows decides what it subscribes to, and is brought up to date when it changes.
import { $, $$, onChange, whenReady } from "../lib/dom.js";
import { openConversation, watchList } from "./list.js";
import { connect, startStream } from "./stream.js";
import { startTitle } from "./title.js";

// An opened row becomes the current one; an element with other topics changes the subscription.
const settle = () => {
  const open = openConversation();
  $$("#list a[aria-current]").forEach((link) => {
    const row = link.closest("li");
    if (row) link.setAttribute("aria-current", String(row.dataset.id === open));
  });
  $(".desk")?.toggleAttribute("data-open", !!open);
  watchList();
  connect();
};

export const startLive = () => whenReady(() => {
  startTitle();
  settle();
  startStream();
  onChange(settle, 20);
});
