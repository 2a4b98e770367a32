// Files of the composer: checked before the upload, then uploaded one after the other, with progress.
import { $, fragment, make } from "../lib/dom.js";
import { base } from "../draft/composer.js";
import { parley } from "../lib/parley.js";

const limitOf = (input, file) => {
  const ending = "." + file.name.split(".").pop().toLowerCase();
  const limits = Object.fromEntries(input.dataset.limits.split(" ").map((pair) => pair.split("=")));
  return Number(limits[file.type] || limits[ending] || 0);
};
const megabyte = 1048576;
const sizeOf = (n) => (n < megabyte
  ? `${Math.round(n / 1024)} KB` : `${(n / megabyte).toFixed(n % megabyte ? 1 : 0)} MB`);

// complain shows why a file can't be attached.
export const complain = (text) => {
  const line = make("div", { className: "problem", textContent: text, dataset: { problem: "file" } });
  line.setAttribute("role", "alert");
  $("#uploads [data-problem]")?.remove();
  $("#uploads")?.append(line);
};

// problemWith is why a file can't be attached, or "".
const problemWith = (input, file) => {
  const limit = limitOf(input, file);
  if (!limit) {
    return `WhatsApp takes no file like ${file.name}. Attach a picture (JPEG, PNG), a video (MP4), a recording, a PDF, `
      + "a text or an Office document.";
  }
  return file.size > limit
    ? `${file.name} has ${sizeOf(file.size)}; ${sizeOf(limit)} is the most that WhatsApp takes.` : "";
};

const progressRow = (file) => {
  const row = make("div", { className: "upload-row", dataset: { testid: "progress" } });
  if (file.type.startsWith("image/")) row.append(make("img", { src: URL.createObjectURL(file), alt: "" }));
  row.append(make("span", { textContent: file.name }), make("progress", { max: 100 }));
  return row;
};

const showAnswer = (request, file) => {
  const isOurs = request.getResponseHeader("X-Parley"), { status } = request;
  if (isOurs && status === 401) parley.signedOut(true);
  if (!isOurs) parley.lost();
  if (isOurs && (status === 200 || status === 422)) {
    const fresh = $("#uploads", fragment(request.responseText));
    if (!fresh || !$("#uploads")) return;
    $("#uploads").replaceWith(fresh);
    window.htmx?.process(fresh);
    return;
  }
  complain(isOurs && status === 413 ? `${file.name} is too large.`
    : `${file.name} did not arrive. Check the connection and attach it again.`);
};

const send = (file) => new Promise((done) => {
  const row = progressRow(file), request = new XMLHttpRequest(), form = new FormData();
  $("#uploads").append(row);
  form.append("file", file, file.name);
  request.upload.addEventListener("progress", ({ lengthComputable, loaded, total }) => {
    if (lengthComputable) $("progress", row).value = 100 * loaded / total;
  });
  const end = () => {
    row.remove();
    showAnswer(request, file);
    done();
  };
  request.addEventListener("load", end);
  request.addEventListener("error", end);
  request.open("POST", base() + "/uploads");
  request.setRequestHeader("HX-Request", "true");
  request.setRequestHeader("HX-Request-Type", "partial");
  request.send(form);
});

let queue = Promise.resolve();

// upload uploads a file after those before it; isRecording: it was made here, and needs no check.
export const upload = (file, isRecording) => {
  queue = queue.then(() => {
    const input = $("[data-attach]");
    if (!input) return null;
    const problem = isRecording ? "" : problemWith(input, file);
    return problem ? complain(problem) : send(file);
  });
};
