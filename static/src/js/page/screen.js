// An on-screen keyboard covers a part of the screen. Where the browser does not resize the page for it (Safari), the
// script does.
import { $ } from "../lib/dom.js";

const root = document.documentElement, view = window.visualViewport;
const leastKeyboard = 60; // pixels: the browser's own bars are lower

view?.addEventListener("resize", () => {
  const covered = view.scale === 1 && innerHeight - view.height > leastKeyboard;
  if (covered) root.style.setProperty("--screen", `${Math.round(view.height)}px`);
  else root.style.removeProperty("--screen");
  if (covered && $(".screen")) scrollTo(0, 0);
});
