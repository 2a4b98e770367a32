// Autosave. Only one request runs at a time, so that each carries the version from the previous answer.
import { emit, on } from "../lib/dom.js";
import { parley } from "../lib/parley.js";
import { field, form, say } from "./form.js";

const pauseInTyping = 600; // milliseconds
let timer, running = null, isDirty = false, tries = 0;
let isStopped = false; // somebody else has saved, or the draft is being discarded

const isSaved = (input) => input.name && !input.name.startsWith("test_"); // the others belong to the test on a phone

const showConflict = (html) => {
  isStopped = true;
  const conflict = document.getElementById("conflict");
  conflict.innerHTML = html;
  conflict.scrollIntoView({ block: "nearest" });
  say("Not saved", true);
};

// A draft that is new gets an address of its own, and shows who else edits it.
const nameDraft = (id) => {
  history.replaceState(history.state, "", `/versions/${id}/edit`);
  const others = document.getElementById("others");
  if (!others || !window.htmx) return;
  others.setAttribute("hx-get", `/versions/${id}/others`);
  others.setAttribute("hx-include", "#editor [name=version]");
  others.setAttribute("hx-trigger", "every 20s");
  window.htmx.process(others);
};

const showSaved = (headers, html) => {
  const id = headers.get("X-Draft");
  if (!id) return;
  if (!field("id").value) nameDraft(id);
  field("id").value = id;
  field("version").value = headers.get("X-Draft-Version");
  const output = document.getElementById("saved");
  output.innerHTML = html;
  output.classList.remove("text-destructive");
  // The findings are about the stored draft, even if something was typed before htmx had loaded.
  emit("draft-saved");
  form().dataset.keep = `template-${id}`; // only now: the browser kept a new draft under its old name
};

const request = async () => {
  const body = new URLSearchParams(new FormData(form()));
  const answer = await parley.ask(form().dataset.autosave, { method: "POST", body, keepalive: true });
  const text = await answer.text();
  if (answer.status === 204) say("");
  else if (answer.ok) showSaved(answer.headers, text);
  else if (answer.status === 409) showConflict(text);
  else if (answer.status === 422) say(text, true);
  else throw new Error(String(answer.status));
};

const save = async () => {
  clearTimeout(timer);
  if (running) return running;
  if (!isDirty || isStopped || !form()) return;
  isDirty = false;
  let hasFailed = false;
  running = request().then(() => { tries = 0; }).catch(() => {
    isDirty = hasFailed = true;
    if (parley.ended()) {
      say("Not saved: your session has ended. What you write is kept.", true);
      return;
    }
    say("Not saved: no answer. Parley tries again.", true);
    timer = setTimeout(save, parley.pause(++tries));
  });
  await running;
  running = null;
  if (isDirty && !isStopped && !hasFailed) return save();
};

const changed = () => {
  isDirty = true;
  if (!isStopped) say("Saving …");
  clearTimeout(timer);
  timer = setTimeout(save, pauseInTyping);
};
const saveIfDirty = () => { if (isDirty && !isStopped) save(); };

on("input", "form[data-autosave]", (_, event) => { if (isSaved(event.target)) changed(); });
on("change", "form[data-autosave] select", (select) => { if (!select.name.startsWith("test_")) changed(); });
// Text that was typed before this script had loaded is saved too.
const wasTyped = (input) =>
  isSaved(input) && input.matches("textarea, input:not([type])") && input.value !== input.defaultValue;
if ([...(form()?.elements || [])].some(wasTyped)) changed();
document.addEventListener("draft-changed", changed);
document.addEventListener("parley:back", saveIfDirty);
addEventListener("pagehide", saveIfDirty);
document.addEventListener("visibilitychange", () => { if (document.hidden) saveIfDirty(); });

// A button that continues with the draft waits until everything is stored.
on("click", "[data-flush]", (button, event) => {
  if (button.dataset.flushed) {
    delete button.dataset.flushed;
    return;
  }
  if (!isDirty && !running || isStopped) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  save().then(() => {
    if (isStopped) return;
    if (parley.ended()) {
      parley.signedOut(true);
      return;
    }
    if (isDirty) return; // not saved: the status line says so, and the text stays
    button.dataset.flushed = "1";
    button.click();
  });
}, true);
on("click", "[data-confirm-click]", (_, event) => { if (!event.defaultPrevented) isStopped = true; });
on("click", "[data-keep-mine]", (button) => {
  field("version").value = button.dataset.keepMine;
  document.getElementById("conflict").replaceChildren();
  isStopped = false;
  changed();
  save();
});
on("click", "[data-take-theirs]", () => {
  isStopped = true;
  emit("typed-dropped");
});
