// Emoji: a few thousand, searched by their names. The address of their list is on the script's element.
import { $, make, on } from "../lib/dom.js";
import { area } from "../draft/composer.js";
import { parley } from "../lib/parley.js";
import { insert } from "./formatting.js";

const listURL = document.currentScript?.dataset.emoji;
const mostFound = 200, mostShown = 600, mostRecent = 16;
let all; // pairs: the emoji, its names

const recent = () => JSON.parse(localStorage.getItem("emoji") || "[]");

const draw = (box, query) => {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const list = words.length
    ? all.filter(([, names]) => words.every((word) => names.includes(word))).slice(0, mostFound)
    : [...recent().map((char) => [char, ""]), ...all].slice(0, mostShown);
  $("[data-emoji-grid]", box).replaceChildren(...list.map(([char, names]) => make("button", {
    type: "button", textContent: char, title: names.split("|")[0], dataset: { emojiChar: char },
  })));
};

const fill = (box) => {
  const search = make("input", { type: "search", className: "input h-8 text-sm", placeholder: "Search emoji" });
  const grid = make("div", { className: "emoji-grid thin-scroll", dataset: { emojiGrid: "" } });
  search.setAttribute("aria-label", "Search emoji");
  search.addEventListener("input", () => draw(box, search.value));
  search.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    $("[data-emoji-char]", grid)?.click();
  });
  box.append(search, grid);
};

on("click", "[data-emoji]", async (button) => {
  const box = $("[data-emoji-box]"), opens = box.classList.contains("hidden");
  box.classList.toggle("hidden", !opens);
  button.setAttribute("aria-expanded", String(opens));
  if (!opens) return;
  if (!box.firstChild) fill(box);
  all = all || await parley.ask(listURL).then((response) => response.json()).catch(() => null);
  if (!all) return; // the page says that the connection is lost
  draw(box, "");
  $("input", box).focus();
});
on("click", "[data-emoji-char]", ({ dataset: { emojiChar: char } }) => {
  const others = recent().filter((other) => other !== char);
  localStorage.setItem("emoji", JSON.stringify([char, ...others].slice(0, mostRecent)));
  insert(area(), char);
});
