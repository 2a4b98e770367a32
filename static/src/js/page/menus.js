// Menus (details.menu): they close on a click elsewhere or on Escape, which returns the focus to the button. An open
// menu is above everything else, beside its button and entirely within the screen.
import { $$ } from "../lib/dom.js";

const root = document.documentElement;
const edge = 8; // pixels between a menu and the edge of the screen
const gap = 4; // pixels between a menu and its button
const smallest = 120; // a menu's least height in pixels

document.addEventListener("click", (event) => $$("details.menu[open]").forEach((menu) => {
  if (!menu.contains(event.target)) menu.open = false;
}));
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  $$("details.menu[open], #nav-menu[open]").forEach((menu) => {
    if (menu.contains(document.activeElement) || menu.id === "nav-menu") menu.firstElementChild.focus();
    menu.open = false;
  });
});

root.dataset.script = ""; // the stylesheet lays menus out by itself without scripts

const setPixels = (card, name, px) => card.style.setProperty(name, `${Math.round(px)}px`);

const layOut = (menu) => {
  const card = menu.children[1], button = menu.firstElementChild.getBoundingClientRect();
  const screenWidth = root.clientWidth, screenHeight = window.visualViewport?.height || innerHeight;
  ["left", "top", "max-height"].forEach((name) => card.style.setProperty(name, ""));
  setPixels(card, "max-width", screenWidth - 2 * edge);
  const { width, height } = card.getBoundingClientRect();
  const below = screenHeight - button.bottom - gap - edge, above = Math.min(button.top, screenHeight) - gap - edge;
  const up = card.matches(".bottom-full") ? above >= height || above > below : below < height && above > below;
  const room = Math.max(smallest, up ? above : below), shown = Math.min(height, room);
  if (shown < height) setPixels(card, "max-height", room);
  const left = card.matches(".right-0") ? button.right - width : button.left;
  const top = up ? button.top - gap - shown : button.bottom + gap;
  setPixels(card, "left", Math.max(edge, Math.min(left, screenWidth - width - edge)));
  setPixels(card, "top", Math.max(edge, Math.min(top, screenHeight - shown - edge)));
};

// The position is updated as the page scrolls and changes, and as the menu's own size changes.
const positions = new WeakMap();
const positionOf = (menu) => {
  const button = menu.firstElementChild.getBoundingClientRect(), card = menu.children[1].getBoundingClientRect();
  return [
    button.left, button.top, card.left, card.top, card.width, card.height, root.clientWidth, innerHeight,
  ].join();
};
const follow = () => {
  const open = $$("details.menu[open]").filter((menu) => menu.children[1]?.popover);
  open.forEach((menu) => {
    if (positions.get(menu) === positionOf(menu)) return;
    layOut(menu);
    positions.set(menu, positionOf(menu));
  });
  if (open.length) requestAnimationFrame(follow);
};
document.addEventListener("toggle", (event) => {
  const menu = event.target, card = menu.matches?.("details.menu") && menu.children[1];
  if (!card || !card.matches(".menu-card, .absolute")) return;
  if (menu.open) {
    card.popover = "manual";
    card.showPopover?.();
    requestAnimationFrame(follow);
  } else {
    card.removeAttribute("popover");
    card.removeAttribute("style");
  }
}, true);
