// When the input of a form is kept, and when it was accepted.
import { parley } from "../lib/parley.js";
import { dropForm } from "./restore.js";
import { keep, keptForms, keyOf } from "./store.js";

const keepAll = () => keptForms().forEach(keep);
document.addEventListener("parley:keep", keepAll);
addEventListener("pagehide", () => { if (parley.inTrouble() || parley.ended()) keepAll(); });

// The form that this tab sent last. Its input stays stored while it is being sent, because the answer may be a proxy's
// page.
const lastSent = "form-sent";
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("form[data-keep]")) return;
  keep(form);
  if (!parley.ended()) {
    sessionStorage.setItem(lastSent, keyOf(form));
    return;
  }
  event.preventDefault();
  event.stopImmediatePropagation();
  parley.signedOut(true);
}, true);

document.addEventListener("draft-saved", () => keptForms().filter((form) => form.dataset.autosave).forEach(dropForm),
  true);
document.addEventListener("htmx:after:request", (event) => {
  const { ctx } = event.detail, form = ctx.sourceElement.closest?.("form[data-keep]");
  if (form && ctx.request.method === "POST" && ctx.response.status < 300) dropForm(form);
});
// The user chose another text than the one that was typed.
document.addEventListener("typed-dropped", () => keptForms().forEach((form) => {
  dropForm(form);
  form.removeAttribute("data-keep");
}), true);

// An accepted form redirects to another page, and a page that answers the form shows the server's version: both are
// newer than the input stored when it was sent. After a sign-in or a proxy's page neither applies, and the input is
// restored.
const sent = sessionStorage.getItem(lastSent);
sessionStorage.removeItem(lastSent);
const isAnswer = document.getElementById("live")?.hasAttribute("data-answer");
const wasRedirected = performance.getEntriesByType("navigation")[0]?.redirectCount > 0
  && !/\/signin$/.test(document.referrer.split("?")[0]);
if (sent && (isAnswer || wasRedirected)) localStorage.removeItem(sent);
