// New messages are announced politely to screen readers, and shown or sounded if the user chose so.
import { $ } from "../lib/dom.js";
import { openConversation } from "./list.js";
import { ding } from "./sound.js";

const live = document.getElementById("live");
const repeatsWithin = 4000; // milliseconds in which the same message is announced once
const announced = new Map();

// announce takes rows with news.
export const announce = (rows) => {
  const here = document.visibilityState === "visible" ? openConversation() : "";
  const mark = (row) => row.news.body + Math.floor(Date.now() / repeatsWithin);
  const fresh = rows.filter((row) => row.id !== here && announced.get(row.id) !== mark(row));
  fresh.forEach((row) => announced.set(row.id, mark(row)));
  if (!fresh.length) return;
  $("#announce").textContent = fresh.length === 1
    ? `New message from ${fresh[0].news.title}` : `${fresh.length} new messages`;
  if (live.dataset.sound === "true") ding();
  if (live.dataset.notices === "true" && document.hidden && window.Notification?.permission === "granted") {
    fresh.slice(0, 3).forEach(notify);
  }
};

const notify = ({ id, news }) => {
  new Notification(news.title, { body: news.body, tag: "row-" + id }).onclick = () => {
    window.focus();
    location.href = "/inbox/" + id;
  };
};
