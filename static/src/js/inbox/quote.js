// Quoting a message. A composer that is replaced before anything is written keeps its quote.
import { $, on } from "../lib/dom.js";
import { accepted, area, base } from "../draft/composer.js";
import { draftTyped } from "../draft/draft.js";

let quoted = null;

const quote = (id, text) => {
  quoted = id ? { base: base(), id, text } : null;
  const box = $("[data-quote-box]"), field = $("[data-quote-field]"), textarea = area();
  if (!box || !field) return;
  field.value = id;
  $("[data-quote-line]", box).textContent = text;
  box.classList.toggle("hidden", !id);
  textarea?.focus();
  if (textarea?.value) draftTyped(textarea);
};
on("click", "[data-quote]", ({ dataset }) => quote(dataset.quote, dataset.quoteText));
on("click", "[data-unquote]", () => quote("", ""));

// restoreQuote puts the quote into a fresh composer.
export const restoreQuote = () => {
  if (!quoted || quoted.base !== base() || accepted()) quoted = null;
  else if ($("[data-quote-field]")?.value === "") quote(quoted.id, quoted.text);
};
