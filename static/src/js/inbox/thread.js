// The thread: older messages are added above without moving what is visible; links jump to the end, to new messages and
// to a quoted message.
import { $, $$, fragment, on } from "../lib/dom.js";
import { parley } from "../lib/parley.js";

const nearTop = 400, nearEnd = 80, farFromEnd = 300; // pixels
let isLoading = false, inboundCount = 0;
const bound = new WeakSet();

const threadBox = () => $("#conversation [data-follow]");
const inboundIn = (box) => $$("article[data-direction=inbound]", box).length;

const addOlder = (link, html) => {
  const box = $("[data-follow]"), content = fragment(html);
  $("#thread-from")?.remove();
  const height = box.scrollHeight, top = box.scrollTop, mark = link.closest("#older");
  const isThere = ({ id }) => id !== "older" && id !== "thread-from" && document.getElementById(id);
  $$("[id]", content).forEach((element) => { if (isThere(element)) element.remove(); });
  mark.replaceWith(...content.childNodes);
  box.scrollTop = top + box.scrollHeight - height;
  window.htmx?.process($("#thread"));
};
const loadOlder = async (link) => {
  if (isLoading) return;
  isLoading = true;
  try {
    const response = await parley.ask(link.dataset.older).catch(() => null);
    if (response?.ok) addOlder(link, await response.text());
  } finally { isLoading = false; }
};
on("click", "[data-older]", (link, event) => {
  event.preventDefault();
  loadOlder(link);
});

const scrolled = (box) => {
  const older = box.scrollTop < nearTop && !box.dataset.opening && $("[data-older]", box);
  if (older) loadOlder(older);
  const toEnd = $("[data-to-end]", box), distance = box.scrollHeight - box.scrollTop - box.clientHeight;
  toEnd.hidden = distance < farFromEnd;
  if (distance < nearEnd) delete toEnd.dataset.new;
  $("[data-to-end-text]", toEnd).textContent = toEnd.dataset.new ? "New messages" : "Latest";
};
// A button leads up to the first new message while that is above the visible part.
const showWayUp = (box) => {
  const line = $("#unread-line", box);
  const isBelow = line && line.getBoundingClientRect().bottom > box.getBoundingClientRect().top;
  $("[data-to-unread]", box).hidden = !line || isBelow;
};

// openThread shows a thread that was just opened at its newest message, or at the requested one.
export const openThread = () => {
  const box = threadBox();
  if (!box || bound.has(box)) return;
  bound.add(box);
  box.addEventListener("scroll", () => {
    scrolled(box);
    showWayUp(box);
  }, { passive: true });
  box.dataset.opening = "1";
  const requested = $("article[data-here]", box);
  setTimeout(() => {
    requested?.scrollIntoView({ block: "center" });
    showWayUp(box);
    delete box.dataset.opening;
  }, 60);
  inboundCount = inboundIn(box);
};

// noteNewMessages says at the foot of the thread that messages came while the reader looked further up.
export const noteNewMessages = () => {
  const box = threadBox();
  if (!box) return;
  const count = inboundIn(box), toEnd = $("[data-to-end]", box);
  if (count > inboundCount && !toEnd.hidden) {
    toEnd.dataset.new = "";
    $("[data-to-end-text]", toEnd).textContent = "New messages";
  }
  inboundCount = count;
};

on("click", "[data-to-unread]", (_, event) => {
  event.preventDefault();
  $("#unread-line")?.scrollIntoView({ block: "start" });
});
on("click", "[data-to-end]", (button) => {
  const box = button.closest("[data-follow]");
  box.scrollTop = box.scrollHeight;
});
on("click", "[data-jump]", (link, event) => {
  const message = document.getElementById(link.dataset.jump);
  if (!message) return;
  event.preventDefault();
  message.scrollIntoView({ block: "center" });
  message.dataset.here = "";
  setTimeout(() => delete message.dataset.here, 2000);
});
