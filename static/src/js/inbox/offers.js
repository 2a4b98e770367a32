// Offers while the user types: canned replies after "/", people after "@" in a note. They are chosen with the arrow
// keys.
import { $, $$, on } from "../lib/dom.js";
import { area, base } from "../draft/composer.js";
import { parley } from "../lib/parley.js";
import { insert } from "./formatting.js";
import { post } from "./post.js";

const person = /(^|\s)@([^\s@]{0,30})$/, shortcut = /(^|\s)\/([a-z0-9_-]{0,30})$/i;
let requested = 0, shown = 0; // numbers of requests
let from = null; // where the text begins that an offer replaces; null if there are no offers

const box = () => $("[data-offers]");
const hide = () => {
  box()?.classList.add("hidden");
  box()?.replaceChildren();
  from = null;
};

on("input", "#write textarea", async (textarea) => {
  const isNote = textarea.dataset.draftMode === "note";
  const match = textarea.value.slice(0, textarea.selectionStart).match(isNote ? person : shortcut);
  if (!match) {
    hide();
    return;
  }
  from = textarea.selectionStart - match[2].length - 1;
  const number = ++requested, query = encodeURIComponent(match[2]) + (isNote ? "&kind=people" : "");
  const response = await parley.ask(`${base()}/canned?q=${query}`).catch(() => null);
  const list = response?.ok ? await response.text() : null;
  if (list === null || number !== requested || from === null) return;
  box().innerHTML = list;
  box().classList.remove("hidden");
  shown = number;
});

const choose = ({ dataset }) => {
  const textarea = area(), start = from;
  if (start === null || !textarea) return;
  hide();
  insert(textarea, dataset.offer, start, textarea.selectionStart);
  if (dataset.offerId) post(`/replies/${dataset.offerId}/used`, {});
};
on("click", "[data-offer]", choose);

document.addEventListener("keydown", (event) => {
  if (!box() || box().classList.contains("hidden") || event.target !== area()) return;
  const offers = $$("[data-offer]", box());
  const at = offers.findIndex((offer) => offer.getAttribute("aria-selected") === "true");
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    const next = (at + (event.key === "ArrowDown" ? 1 : -1) + offers.length) % offers.length;
    offers.forEach((offer, i) => offer.setAttribute("aria-selected", String(i === next)));
    offers[next]?.scrollIntoView({ block: "nearest" });
  } else if ((event.key === "Enter" || event.key === "Tab") && offers.length) {
    event.preventDefault();
    event.stopPropagation();
    // A list that answers an earlier, shorter input would insert another reply than the one that was meant.
    if (shown === requested) choose(offers[Math.max(0, at)]);
  } else if (event.key === "Escape") {
    event.stopPropagation();
    hide();
  }
}, true);
