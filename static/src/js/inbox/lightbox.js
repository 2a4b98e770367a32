// A picture of the thread opens over the page.
import { $, make, on } from "../lib/dom.js";

on("click", "[data-lightbox]", (link, event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const picture = make("img", { src: link.href, alt: $("img", link)?.alt || "" });
  const download = make("a", { href: link.href, textContent: "Download", download: "", className: "btn" });
  const dialog = make("dialog", { className: "lightbox" }, picture, download);
  document.body.append(dialog);
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", ({ target }) => { if (target !== download) dialog.close(); });
  dialog.showModal();
});
