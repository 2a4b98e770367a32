// A large file is uploaded with a progress bar. Without script the form is sent as it is.
import { $, on } from "../lib/dom.js";

const megabytes = (bytes) => (bytes / 1048576).toFixed(1);
const showName = (form, name) => { $("[data-file-name]", form).textContent = name; };

on("change", "input[data-file]", (input) => { if (input.files[0]) showName(input.form, input.files[0].name); });
on("change", "input[type=file][data-name-in]", (input) => {
  document.getElementById(input.dataset.nameIn).textContent = input.files[0]?.name || "";
});
document.addEventListener("dragover", (event) => {
  if (event.target.closest?.("[data-drop]")) event.preventDefault();
});
on("drop", "[data-drop]", (area, event) => {
  event.preventDefault();
  const input = $("input[data-file]", area);
  if (!event.dataTransfer.files.length) return;
  input.files = event.dataTransfer.files;
  showName(input.form, input.files[0].name);
});

on("submit", "form[data-upload-form]", (form, event) => {
  if (!$("input[data-file]", form).files.length) return;
  event.preventDefault();
  const box = $("[data-progress]", form), bar = $("progress", box), text = $("[data-progress-text]", box);
  box.classList.replace("hidden", "flex");
  $("button", form).disabled = true;
  const request = new XMLHttpRequest();
  const broken = () => {
    $("button", form).disabled = false;
    text.textContent = "The upload broke off. Check the connection and send it again.";
  };
  request.upload.addEventListener("progress", ({ lengthComputable, loaded, total }) => {
    if (!lengthComputable) return;
    bar.value = 100 * loaded / total;
    text.textContent = loaded < total
      ? `${megabytes(loaded)} of ${megabytes(total)} MB` : "Parley looks at the file …";
  });
  request.addEventListener("load", () => {
    if (request.getResponseHeader("X-Parley")) showAnswer(request);
    else broken(); // a proxy's page
  });
  request.addEventListener("error", broken);
  request.open("POST", form.action);
  request.send(new FormData(form));
});

const showAnswer = (request) => {
  if (request.responseURL && new URL(request.responseURL).pathname !== location.pathname) {
    location.assign(request.responseURL);
    return;
  }
  const main = $("#main", new DOMParser().parseFromString(request.responseText, "text/html"));
  if (main) $("#main").replaceWith(main);
  else location.reload();
};
