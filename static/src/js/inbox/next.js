// After a conversation is resolved or snoozed, the next one is opened.
import { $, $$, on } from "../lib/dom.js";

on("htmx:after:request", "form[data-go-on]", (form) => {
  const open = $("#conversation")?.dataset.conversation;
  if (!open || form.id === "bulk") return;
  const rows = $$("#list li.inbox-row"), at = rows.findIndex((row) => row.dataset.id === open);
  const next = rows[at + 1] || rows[at - 1];
  if (next && next.dataset.id !== open && matchMedia("(min-width: 64rem)").matches) $("a", next).click();
});
on("htmx:after:request", "form", (form) => form.closest("details.menu")?.removeAttribute("open"));
