// Rows of the inbox that arrive on the stream. Each has a sort key, and is placed before all rows with greater keys.
import { $, $$, fragment } from "../lib/dom.js";
import { announce } from "./announce.js";
import { openConversation } from "./list.js";
import { showUnread } from "./title.js";

const place = (row) => {
  const after = $$("#list [data-chunk] > li").find((other) => other !== row && other.dataset.key > row.dataset.key);
  if (after) {
    after.before(row);
    return true;
  }
  if ($("#list [data-more]")) return false; // it belongs to a page that has not been loaded
  const chunk = $$("#list [data-chunk]").at(-1);
  if (!chunk || chunk.dataset.away) return false;
  chunk.append(row);
  return true;
};

const updateRow = ({ id, key, html }) => {
  if (!html) return;
  const old = document.getElementById("row-" + id), row = fragment(html).firstElementChild;
  $("a", row).setAttribute("aria-current", String(openConversation() === id));
  const focused = old?.contains(document.activeElement) && document.activeElement;
  if (old) $("input", row).checked = $("input", old).checked;
  if (old && old.dataset.key === key) old.replaceWith(row);
  else {
    old?.remove();
    if (!place(row)) return;
  }
  window.htmx?.process(row);
  if (focused) $(focused.tagName.toLowerCase(), row)?.focus({ preventScroll: true });
};

const updateCounts = (counts) => {
  if (!counts) return;
  $$("[data-n]").forEach((output) => {
    const { n: name } = output.dataset, n = counts[name] ?? 0;
    const text = n ? (name === "unread" && n > 999 ? "999+" : String(n)) : "";
    if (output.textContent.trim() !== text) output.textContent = text;
  });
  showUnread(counts.unread);
};

// updateRows takes an event of the stream: rows that changed, the ids of rows that left the list, the counters.
export const updateRows = ({ gone, rows, counts }) => {
  gone?.forEach((id) => document.getElementById("row-" + id)?.remove());
  rows?.forEach(updateRow);
  $("[data-rows-empty]")?.classList.toggle("hidden", !!$("#list [data-chunk] > li"));
  updateCounts(counts);
  const news = rows?.filter((row) => row.news);
  if (news?.length) announce(news);
};
