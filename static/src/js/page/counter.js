// The number of characters beside a field: once it comes near the limit, or always.
import { $$, on } from "../lib/dom.js";

const showCount = (field) => {
  const output = field.dataset.count && document.getElementById(field.dataset.count);
  if (!output) return;
  const n = [...field.value].length, max = Number(field.dataset.max);
  output.textContent = n > max * 0.8 || "always" in output.dataset ? `${n} / ${max}` : "";
  output.classList.toggle("text-destructive", n > max);
};

on("input", "[data-count]", showCount);

// showCounts counts the characters of all fields.
export const showCounts = () => $$("[data-count]").forEach(showCount);
