// The composer on the page, as the drafts see it.
import { $ } from "../lib/dom.js";
import { keyFor } from "./store.js";

export const area = () => $("#write textarea");
export const base = () => $("#composer")?.dataset.base;
export const quoteOf = () => $("[data-quote-field]")?.value || "";
export const tokenField = (form) => $("[name=token]", form);

// keyOf names the draft that a composer's textarea holds.
export const keyOf = (textarea) => keyFor(base(), textarea.dataset.draftMode);

// accepted: the composer answers a form that was accepted.
export const accepted = () => !!$("#composer [data-sent]");

// shownMessage is the text of the message with a token if the thread shows it, else undefined.
export const shownMessage = (token) =>
  token ? $(`#thread [data-token="${CSS.escape(token)}"] .bubble`)?.textContent : undefined;

// fetchComposer replaces the composer by a fresh one.
export const fetchComposer = () => {
  const composer = $("#composer"), mode = $("#write [name=mode]")?.value;
  if (!composer || !mode || !window.htmx) return;
  window.htmx.ajax("GET", `${base()}/composer?mode=${mode}`, {
    source: composer, target: composer, swap: "outerHTML",
  });
};
