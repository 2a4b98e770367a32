// Where the input of long forms is kept: in the browser, by user and form.
import { $$ } from "../lib/dom.js";

const user = document.getElementById("live")?.dataset.user || "";
const longest = 7 * 86400000; // milliseconds

export const keptForms = () => $$("form[data-keep]");
export const keyOf = (form) => `form:${user}:${form.dataset.keep}`;

// read is what is kept of a form: the time (at) and the fields, or null.
export const read = (key) => {
  try { return JSON.parse(localStorage.getItem(key) || "null"); } catch { return null; }
};

const isExpired = (key) => !(Date.now() - read(key)?.at < longest);
Object.keys(localStorage).filter((key) => key.startsWith("form:") && isExpired(key))
  .forEach((key) => localStorage.removeItem(key));

export const isChoice = (field) => /^(checkbox|radio)$/.test(field.type);
const isChanged = (field) => {
  if (isChoice(field)) return field.checked !== field.defaultChecked;
  if (field.tagName !== "SELECT") return field.value !== field.defaultValue;
  return [...field.options].some((option) => option.selected !== option.defaultSelected);
};

// fieldsOf are the fields that are kept. The form's tokens and version are among them, so that nothing is created twice
// and nobody's change is overwritten silently.
const marks = /^(version|request|token)$/, unkept = /^(hidden|file|password|submit|button|fieldset)$/;
export const fieldsOf = (form) => [...form.elements]
  .filter((field) => field.name && !field.disabled && (marks.test(field.name) || !unkept.test(field.type)));

// keep stores what was typed into a form, if anything was.
export const keep = (form) => {
  const all = fieldsOf(form);
  if (!all.some((field) => field.type !== "hidden" && isChanged(field))) return;
  const fields = all.map((field) => [field.name, isChoice(field) ? [field.value, field.checked] : field.value]);
  try {
    localStorage.setItem(keyOf(form), JSON.stringify({ at: Date.now(), fields }));
  } catch { /* full: the page still has it */ }
};

export const drop = (form) => localStorage.removeItem(keyOf(form));
