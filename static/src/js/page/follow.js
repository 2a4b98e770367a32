// A thread stays scrolled to its end while new messages arrive, unless the reader has scrolled up.
import { $$ } from "../lib/dom.js";

const nearEnd = 80; // pixels

const follow = (box) => {
  if (box.dataset.followed) return;
  box.dataset.followed = "1";
  let atEnd = true;
  const scrollDown = () => { if (atEnd) box.scrollTop = box.scrollHeight; };
  box.addEventListener("scroll", () => {
    atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < nearEnd;
  }, { passive: true });
  new MutationObserver(scrollDown).observe(box, { childList: true, subtree: true });
  const size = new ResizeObserver(scrollDown);
  [box, ...box.children].forEach((element) => size.observe(element)); // pictures load after their place is laid out
  scrollDown();
};

// followThreads does so for all threads of the page.
export const followThreads = () => $$("[data-follow]").forEach(follow);
