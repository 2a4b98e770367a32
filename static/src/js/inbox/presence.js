// Others see who views the conversation and who is typing.
import { $, emit, on } from "../lib/dom.js";
import { area, base } from "../draft/composer.js";
import { post } from "./post.js";

const interval = 6000, typingFor = 5000, leastPause = 3000; // milliseconds
let typedAt = 0, timer, watched = "";

const sendHeartbeat = (isTyping) => {
  if (base() && !document.hidden) post(base() + "/heartbeat", isTyping ? { typing: "1" } : {});
};
const leave = () => { if (watched) post(watched + "/heartbeat", { left: "1" }, true); };

on("input", "#write textarea[data-draft]", (textarea) => {
  if (!textarea.value || textarea.dataset.draftMode !== "reply" || Date.now() - typedAt < leastPause) return;
  typedAt = Date.now();
  sendHeartbeat(true);
});

// watchPresence begins with the conversation that is open now.
export const watchPresence = () => {
  const now = base() || "";
  if (now === watched) return;
  leave();
  watched = now;
  clearInterval(timer);
  if (!now) return;
  sendHeartbeat(false);
  timer = setInterval(() => {
    sendHeartbeat(Date.now() - typedAt < typingFor);
    emit("people-check");
  }, interval);
};
addEventListener("pagehide", leave);

// What the thread shows while nothing is being written counts as seen: only later answers by others are a collision.
on("input", "#write textarea[data-draft]", ({ value }) => {
  const field = $("[data-seen]"), last = $("#thread")?.dataset.lastOther;
  if (value.length <= 1 && field && last && area()) field.value = last;
});
