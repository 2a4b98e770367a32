// The inbox's list. It refreshes itself without losing its place, each loaded page of rows (data-chunk) separately.
// Pages of rows far from the visible part drop their rows and keep their height; they are loaded again when they come
// near.
import { $, $$, fragment } from "../lib/dom.js";
import { parley } from "../lib/parley.js";
import { pointerReleased } from "./pointer.js";

let refresh, observer;

// openConversation is the id of the conversation that is open, "" if none is.
export const openConversation = () => $("#conversation")?.dataset.conversation || "";

// refreshList requests the loaded rows again, once for all calls within a moment.
export const refreshList = () => {
  clearTimeout(refresh);
  refresh = setTimeout(() => $$("#list [data-chunk]").forEach((chunk) => {
    if (!chunk.dataset.away && !chunk.closest("[data-selecting]")) load(chunk);
  }), 150);
};

const load = async (chunk) => {
  const response = await parley.ask(chunk.dataset.chunk).catch(() => null);
  if (!response?.ok || !chunk.isConnected) return;
  const content = fragment(await response.text()), more = $("[data-more]", content);
  await pointerReleased();
  const focused = chunk.contains(document.activeElement) && document.activeElement.closest("li")?.id;
  fill(chunk, $("[data-chunk]", content));
  if (chunk === $$("#list [data-chunk]").at(-1)) {
    $("#list [data-more]")?.remove();
    if (more) chunk.after(more);
  }
  window.htmx?.process(chunk);
  if (focused) $(`#${focused} a`)?.focus({ preventScroll: true });
  watchList();
};

const fill = (chunk, fresh) => {
  const open = openConversation();
  $$("li", fresh).forEach((row) => {
    $("a", row).setAttribute("aria-current", String(row.dataset.id === open));
    $$(`#${row.id}`).forEach((other) => { if (!chunk.contains(other)) other.remove(); });
  });
  chunk.replaceChildren(...fresh.children);
  delete chunk.dataset.away;
  chunk.removeAttribute("height");
};

const loadNext = async (more) => {
  if (more.dataset.busy) return;
  more.dataset.busy = "1";
  const response = await parley.ask($("a", more).getAttribute("href") + "&rows=1").catch(() => null);
  if (!response?.ok) {
    delete more.dataset.busy;
    return;
  }
  const content = fragment(await response.text());
  $$("li", content).forEach((row) => { if (document.getElementById(row.id)) row.remove(); });
  const added = [...content.children];
  more.replaceWith(...added);
  added.forEach((element) => window.htmx?.process(element));
  watchList();
};
document.addEventListener("click", (event) => {
  const more = event.target.closest?.("[data-more]");
  if (!more) return;
  event.preventDefault();
  loadNext(more);
});

const empty = (chunk) => {
  const space = document.createElementNS("http://www.w3.org/2000/svg", "svg"), row = document.createElement("li");
  space.setAttribute("height", chunk.offsetHeight);
  space.setAttribute("width", "1");
  row.className = "away";
  row.append(space);
  chunk.dataset.away = "1";
  chunk.replaceChildren(row);
};
const inUse = (chunk) => chunk.closest("[data-selecting]") || chunk.contains(document.activeElement);
const moved = ({ target, isIntersecting }) => {
  if (target.matches("[data-more]")) {
    if (isIntersecting) loadNext(target);
  } else if (isIntersecting) {
    if (target.dataset.away) load(target);
  } else if (!target.dataset.away && target.isConnected && target.offsetHeight > 0 && !inUse(target)) empty(target);
};

// watchList watches which pages of rows are near the visible part.
export const watchList = () => {
  const box = document.getElementById("rows-scroll");
  if (!box) return;
  if (observer?.root !== box) {
    observer?.disconnect();
    observer = new IntersectionObserver((entries) => entries.forEach(moved), { root: box, rootMargin: "2500px 0px" });
  }
  $$("#list [data-chunk], #list [data-more]").forEach((element) => observer.observe(element));
};

// rewatchList begins watching again: what comes near was not loaded while the connection was lost.
export const rewatchList = () => {
  observer?.disconnect();
  observer = null;
  watchList();
};
