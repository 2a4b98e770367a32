// Kept input is restored. Some fields appear only after a choice: they are filled as they appear, for a while.
import { $, $$, make, onChange, whenReady } from "../lib/dom.js";
import { drop, fieldsOf, isChoice, keptForms, keyOf, read } from "./store.js";

const patience = 6000; // milliseconds
const pending = new Map(); // what is still to be filled in, by the form's name

// dropForm forgets the input of a form.
export const dropForm = (form) => {
  pending.delete(form.dataset.keep);
  drop(form);
};

const put = (field, value) => {
  if (isChoice(field)) {
    if (field.value !== value[0] || field.checked === value[1]) return false;
    field.checked = value[1];
    return true;
  }
  if (typeof value !== "string" || field.value === value) return false;
  if (field.tagName === "SELECT" && ![...field.options].some((option) => option.value === value)) return false;
  field.value = value;
  return true;
};

// wasSent: the conversation on the page shows the message that was made from the form, whose answer this tab missed.
const wasSent = ({ fields }) => {
  const token = fields.find(([name]) => name === "token")?.[1];
  return token && $$("#thread [data-token]").some((message) => message.dataset.token === token);
};

const keptOf = (form) => {
  const name = form.dataset.keep;
  if (!pending.has(name)) {
    const kept = read(keyOf(form));
    if (kept && wasSent(kept)) {
      drop(form);
      pending.set(name, null);
    } else {
      const usable = kept && !$("[aria-invalid=true]", form);
      pending.set(name, usable ? { ...kept, until: Date.now() + patience } : null);
    }
  }
  const kept = pending.get(name);
  return kept && Date.now() <= kept.until ? kept : null;
};

const restore = (form) => {
  const kept = keptOf(form);
  if (!kept) return;
  fieldsOf(form).forEach((field) => {
    const at = kept.fields.findIndex(([name, value]) =>
      name === field.name && (!isChoice(field) || value[0] === field.value));
    if (at < 0) return;
    const [[, value]] = kept.fields.splice(at, 1);
    if (!put(field, value) || field.type === "hidden") return;
    explain(form, kept);
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.dispatchEvent(new Event("change", { bubbles: true }));
  });
};

// A message above the form says what was restored. An autosaving form has already saved it; for others it can be
// discarded.
const explain = (form, kept) => {
  if (kept.explained) return;
  kept.explained = true;
  const time = new Date(kept.at).toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
  const line = make("p", { className: "hint", dataset: { testid: "restored" } });
  line.append(`What you typed at ${time} was restored. `);
  line.setAttribute("role", "status");
  if (!form.dataset.autosave && !form.hasAttribute("hx-trigger")) line.append(discardButton(form));
  form.before(line);
};

const discardButton = (form) => {
  const button = make("button", { type: "button", className: "underline underline-offset-2", textContent: "Discard" });
  button.addEventListener("click", () => {
    dropForm(form);
    form.removeAttribute("data-keep");
    location.reload();
  });
  return button;
};

const restoreAll = () => keptForms().forEach(restore);

export const startRestoring = () => whenReady(() => {
  restoreAll();
  onChange(restoreAll, 30);
});
