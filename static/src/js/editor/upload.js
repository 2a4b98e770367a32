// A file is uploaded at once; its address is put into the field.
import { $, on, typed } from "../lib/dom.js";
import { parley } from "../lib/parley.js";
import { field, say } from "./form.js";

const upload = async (url, file) => {
  const body = new FormData();
  body.append("file", file);
  const answer = await parley.ask(url, { method: "POST", body, byUser: true });
  const text = await answer.text();
  if (!answer.ok) throw new Error(answer.status === 422 ? text : "The file could not be uploaded.");
  return text;
};

on("change", "input[data-upload]", async (input) => {
  const file = input.files[0], target = field(input.dataset.uploadInto);
  if (!file || !target) return;
  const label = $("span", input.parentElement), before = label.textContent;
  label.textContent = "…";
  try {
    target.value = await upload(input.dataset.upload, file);
    typed(target);
  } catch (error) {
    say(error instanceof TypeError ? "The file could not be uploaded. Check the connection." : error.message, true);
  }
  label.textContent = before;
  input.value = "";
});
