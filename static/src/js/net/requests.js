// htmx's requests. Of the parts whose request failed, the last one for each target is requested again. Background
// requests never take precedence over a request that the user started.
import { make } from "../lib/dom.js";
import { toast } from "../page/toasts.js";
import { isOurs, live, owner, works } from "./headers.js";
import { back, lost, onBack } from "./probe.js";
import { signedOut } from "./session.js";
import { inTrouble, leaving } from "./state.js";

const missed = new Map(); // by target
const byUser = (ctx) => /^(click|submit|input|change|keydown)$/.test(ctx.sourceEvent?.type);
const replacesMissed = (ctx) => byUser(ctx) || !byUser(missed.get(ctx.target) || ctx);

const unsentText = "Not sent. Check the connection and send again.";
const unsentLine = (element) => element.closest("form")?.querySelector("[data-unsent]");
const showUnsent = (element) => {
  const line = unsentLine(element);
  if (line) {
    line.textContent = unsentText;
    return;
  }
  const text = make("p", { className: "flex-1", textContent: unsentText });
  document.getElementById("toasts")?.replaceChildren(toast("stay", "alert", text));
};

const failed = (ctx) => {
  lost();
  if (ctx.request.method !== "GET") showUnsent(ctx.sourceElement);
  else if (!leaving() && replacesMissed(ctx)) missed.set(ctx.target, ctx);
};

onBack(() => {
  const all = [...missed.values()];
  missed.clear();
  all.forEach(({ request, sourceElement: source, target, swap, select, push }) => {
    if (!source.isConnected || target?.isConnected === false) return;
    window.htmx.ajax("GET", request.action, { source, target, swap, select, push });
  });
});

document.addEventListener("htmx:config:request", (event) => Object.assign(event.detail.ctx.request.headers, owner));
document.addEventListener("htmx:before:request", (event) => {
  const { ctx } = event.detail;
  if (replacesMissed(ctx)) missed.delete(ctx.target);
  unsentLine(ctx.sourceElement)?.replaceChildren();
});
document.addEventListener("htmx:before:response", (event) => {
  const { ctx } = event.detail, { response } = ctx;
  if (!live) return;
  if (!isOurs(response)) {
    event.preventDefault();
    failed(ctx);
  } else if (response.status === 401) {
    event.preventDefault();
    signedOut(/^(click|submit)$/.test(ctx.sourceEvent?.type));
  } else if (inTrouble("net") && works(response)) back();
});
document.addEventListener("htmx:error", (event) => {
  const { ctx } = event.detail;
  if (live && ctx?.request && ctx.text === undefined) failed(ctx); // otherwise the answer arrived but is faulty
});
