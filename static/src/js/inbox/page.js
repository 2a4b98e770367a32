// What is brought up to date when the inbox's page is there, and whenever it changes.
import { $, emit, on, whenReady } from "../lib/dom.js";
import { area } from "../draft/composer.js";
import { draftTyped, placeDraft } from "../draft/draft.js";
import { watchPresence } from "./presence.js";
import { restoreQuote } from "./quote.js";
import { noteNewMessages, openThread } from "./thread.js";
import { offerRecording } from "./voice.js";

on("input", "#write textarea[data-draft]", draftTyped);

// The composer is fetched again once when the thread shows that the session has opened or closed.
let announcedSession = "";
const checkSession = () => {
  const thread = $("#thread")?.dataset.session, composer = $("#composer")?.dataset.session;
  if (thread === undefined || composer === undefined) return;
  if (thread === composer) announcedSession = "";
  else if (thread !== announcedSession) {
    announcedSession = thread;
    emit("session-changed");
  }
};

// After a switch of the mode, the user goes on writing.
const focusNext = "then-write";
on("click", "[data-then-write]", () => sessionStorage.setItem(focusNext, "1"));
const focusAfterSwitch = () => {
  if (!sessionStorage.getItem(focusNext) || !area()) return;
  sessionStorage.removeItem(focusNext);
  area().focus();
};

const prepare = () => {
  openThread();
  watchPresence();
  offerRecording();
  checkSession();
  noteNewMessages();
};

// A fresh composer takes over the last one's text, before the next key is handled. It does so once: htmx removes
// attributes that a script adds to a new element, unless morphIgnore in views/layout/page.templ has them.
const place = () => {
  const textarea = area();
  if (!textarea || textarea.dataset.placed) return;
  textarea.dataset.placed = "1";
  placeDraft(textarea);
  restoreQuote();
  textarea.setSelectionRange(textarea.value.length, textarea.value.length);
};

const watched = { childList: true, subtree: true, attributes: true, attributeFilter: ["data-session"] };
export const startInbox = () => whenReady(() => {
  let timer;
  place();
  prepare();
  new MutationObserver(() => {
    place();
    clearTimeout(timer);
    timer = setTimeout(() => {
      prepare();
      focusAfterSwitch();
    }, 20);
  }).observe(document.body, watched);
});
