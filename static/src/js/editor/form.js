// The editor's form, and the line that says whether it is saved.
export const form = () => document.querySelector("form[data-autosave]");
export const field = (name) => form()?.elements.namedItem(name);

// say shows a text in the line, as a problem if isProblem.
export const say = (text, isProblem) => {
  const output = document.getElementById("saved");
  if (!output) return;
  output.textContent = text;
  output.classList.toggle("text-destructive", Boolean(isProblem));
};
