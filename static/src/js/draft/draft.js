// The composer's drafts: what the page does becomes events of draft/state.js. What is typed is stored in the browser
// until the server has it: as a draft, or as a message after an answer that confirms it. After any other answer, or
// none, it stays in the browser.
import { $ } from "../lib/dom.js";
import { parley } from "../lib/parley.js";
import { accepted, area, base, keyOf, quoteOf, shownMessage, tokenField } from "./composer.js";
import { slotFor } from "./slot.js";
import { read, takeRecent } from "./store.js";

const slotOf = (textarea) => slotFor(base(), textarea.dataset.draftMode);
const contentOf = (textarea) => ({ text: textarea.value, quote: quoteOf() });
const openSlot = () => (area() ? slotOf(area()) : null);

// draftTyped notes that the text or the quote has changed.
export const draftTyped = (textarea) => slotOf(textarea).handle("typed", contentOf(textarea));

let isFirst = true; // no composer of this page has been placed yet

// placeDraft puts the last composer's text into a fresh one, before the next key is handled.
export const placeDraft = (textarea) => {
  const key = keyOf(textarea), kept = read(key), recent = takeRecent(key);
  const found = shownMessage(kept?.token) ?? (isFirst && accepted() ? kept?.text : undefined);
  slotOf(textarea).handle("placed", {
    ...contentOf(textarea),
    token: tokenField(textarea.form).value,
    kept,
    recent: isFirst ? recent : undefined,
    found,
  });
  isFirst = false;
};

// Requests of the composer's form that are running: the draft, the token and the text of each.
const requests = new Map();
const isForm = (ctx) => ctx.request.method === "POST" && ctx.target?.id === "composer" && ctx.sourceElement.isConnected;
const isOwn = (ctx) => ctx.sourceElement.isConnected;
const begin = (form) => {
  const textarea = $("textarea", form);
  if (!textarea) return null;
  const slot = slotOf(textarea), token = tokenField(form).value, text = textarea.value;
  slot.handle("sendStarted", { ...contentOf(textarea), token });
  return { slot, token, text, tookReply: !!$("[name=took]", form) };
};
document.addEventListener("submit", (event) => { if (event.target.id === "write") begin(event.target); }, true);
document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
  const form = isForm(ctx) && ctx.sourceElement.closest("#write"), request = form && begin(form);
  if (request) requests.set(ctx, request);
});
document.addEventListener("htmx:after:request", ({ detail: { ctx } }) => {
  const request = requests.get(ctx), { status } = ctx.response;
  if (!request || status >= 500) return;
  requests.delete(ctx);
  const { slot, token, text, tookReply } = request;
  if (status >= 300) {
    slot.handle("refused", { token, isOwn: isOwn(ctx) });
    return;
  }
  slot.handle("accepted", { token, text, isOwn: isOwn(ctx) });
  if (tookReply) slotFor(slot.base, "reply").handle("dropped");
});
document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
  const request = requests.get(ctx);
  if (!request) return;
  requests.delete(ctx);
  const { slot, token } = request;
  const isSignedOut = ctx.response?.status === 401 && ctx.response.headers.has("X-Parley");
  if (isSignedOut) slot.handle("refused", { token, isOwn: isOwn(ctx), signedOut: true });
  else slot.handle("outcomeUnknown", { token, isOwn: isOwn(ctx) });
});

// Before the composer is replaced its text is saved, so that the new one shows it. While a message is being sent,
// nothing else may replace the composer: the answer does.
const redraws = (element) =>
  element instanceof Element && element.closest("#composer") && element.hasAttribute("hx-get");
document.addEventListener("htmx:before:request", (event) => {
  const element = event.target, slot = redraws(element) && openSlot();
  if (!slot) return;
  if (slot.isSending) {
    event.preventDefault();
    return;
  }
  if (!slot.isUnsaved) return;
  event.preventDefault();
  slot.flush().then(() => {
    if (!element.isConnected) return;
    if (element.tagName === "A") element.click();
    else element.dispatchEvent(new CustomEvent("redraw"));
  });
});
document.addEventListener("htmx:after:request", (event) => {
  if (redraws(event.target) && openSlot()?.isSending) event.preventDefault();
});

document.addEventListener("parley:back", () => {
  const textarea = area();
  if (textarea) slotOf(textarea).handle("connectionBack", { kept: read(keyOf(textarea)) });
});
document.addEventListener("parley:keep", () => {
  const textarea = area();
  if (!textarea || textarea.value === textarea.defaultValue) return;
  slotOf(textarea).handle("sessionEnded", contentOf(textarea));
});
addEventListener("pagehide", () => openSlot()?.handle("pageLeft"));

// A sign-in leads back to the composer that was open.
parley.returnTo = () => {
  const mode = $("#composer [role=tab][aria-selected=true]")?.dataset.mode, address = new URL(location.href);
  if (mode && mode !== "reply") address.searchParams.set("mode", mode);
  const template = $("#composer input[name=template]")?.value;
  if (template) address.searchParams.set("template", template);
  return address.pathname + address.search;
};
