// While a pointer button is down on the list no row moves, so that a click always hits the row it was meant for.
let pressed = null, release = () => {};
const longest = 2000; // milliseconds: the button may be released outside the window

// pointerReleased waits until no button is down.
export const pointerReleased = async () => { await pressed; };

document.addEventListener("pointerdown", (event) => {
  if (!event.target.closest?.("#list")) return;
  release();
  const press = new Promise((done) => {
    release = () => {
      if (pressed === press) pressed = null;
      done();
    };
  });
  pressed = press;
  setTimeout(release, longest);
}, true);
const afterClick = () => setTimeout(release, 30);
["pointerup", "pointercancel"].forEach((type) => document.addEventListener(type, afterClick, true));
