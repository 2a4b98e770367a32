// The number of unread conversations stands before the page's title.
import { $ } from "../lib/dom.js";

let unread = 0;

const update = () => {
  const bare = document.title.replace(/^\(\d+\+?\) /, "");
  const text = unread ? `(${unread > 99 ? "99+" : unread}) ${bare}` : bare;
  if (document.title !== text) document.title = text;
};

// showUnread shows a number, or the last one if there is none.
export const showUnread = (n) => {
  if (n !== undefined) unread = n;
  update();
};

export const startTitle = () => {
  unread = Number($('[data-n="unread"]')?.textContent.trim().replace("+", "") || 0);
  update();
  new MutationObserver(update).observe($("title"), { childList: true });
};
