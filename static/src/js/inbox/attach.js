// Files are chosen, pasted or dropped.
import { $, on, typed } from "../lib/dom.js";
import { area } from "../draft/composer.js";
import { upload } from "./uploads.js";

const uploadAll = (files) => [...files].forEach((file) => upload(file));

on("change", "[data-attach]", (input) => {
  uploadAll(input.files);
  input.value = "";
});

// Copied cells and formatted text also contain a picture of themselves; the user means the text. A copied file also
// contains its name as text.
const meansText = (data) => {
  const names = [...data.files].map((file) => file.name);
  const lines = data.getData("text/plain").split(/\r?\n/).map((line) => line.trim()).filter(Boolean);
  return lines.some((line) => !names.includes(line.split("/").pop()) && !/^(file|https?|data|blob):\S+$/.test(line));
};
on("paste", "#write textarea", (_, event) => {
  const data = event.clipboardData;
  if (!data.files.length || !$("[data-attach]") || meansText(data)) return;
  event.preventDefault();
  uploadAll(data.files);
});

document.addEventListener("dragover", (event) => {
  if (!$("[data-drop-files]") || !event.target.closest?.("#conversation")) return;
  event.preventDefault();
  $("#conversation").dataset.dropping = "";
});
document.addEventListener("dragleave", (event) => {
  if (!event.relatedTarget?.closest?.("#conversation")) delete $("#conversation")?.dataset.dropping;
});
on("drop", "#conversation", (conversation, event) => {
  const data = event.dataTransfer, textarea = area();
  delete conversation.dataset.dropping;
  if (!$("[data-drop-files]") || !data.files.length) return;
  if (!meansText(data)) {
    event.preventDefault();
    uploadAll(data.files);
    return;
  }
  if (event.target === textarea) return; // the browser inserts the text
  event.preventDefault();
  if (!textarea) return;
  textarea.focus();
  textarea.setRangeText(data.getData("text/plain"), textarea.selectionEnd, textarea.selectionEnd, "end");
  typed(textarea);
});
