// Countdowns: when an answer is due, and when WhatsApp's 24-hour session closes.
import { $, $$, emit } from "../lib/dom.js";
import { serverNow, span } from "./times.js";

const tenMinutes = 600000, anHour = 3600000, aDay = 86400000;
const circle = 37.7; // the length of the ring that shows how much of the session is left

const timeLeft = (ms) => {
  const minutes = Math.floor(ms / 60000);
  if (minutes >= 60) return `${Math.floor(minutes / 60)} h ${minutes % 60} min left`;
  if (minutes >= 1) return `${minutes} min left`;
  return `${Math.max(1, Math.ceil(ms / 1000))} s left`;
};

const setText = (label, text) => { if (label.textContent !== text) label.textContent = text; };

const showDue = (element) => {
  const rest = Number(element.dataset.due) - serverNow(element), { what } = element.dataset;
  element.dataset.level = rest <= 0 ? "red" : rest < tenMinutes ? "amber" : "calm";
  setText($("[data-left]", element), rest > 0 ? `${what} due in ${span(rest)}` : `${what} late by ${span(-rest)}`);
};

const showSession = (element) => {
  const rest = Number(element.dataset.closes) - serverNow(element), label = $("[data-left]", element);
  if (rest <= 0) {
    if (element.dataset.level === "over") return;
    element.dataset.level = "over";
    label.textContent = "Session closed";
    emit("window-closed");
    return;
  }
  element.dataset.level = rest < tenMinutes ? "red" : rest < anHour ? "amber" : "calm";
  setText(label, timeLeft(rest));
  const shown = (circle * Math.min(1, rest / aDay)).toFixed(1);
  $(".left", element)?.setAttribute("stroke-dasharray", `${shown} 40`);
};

// showCountdowns brings all countdowns of the page up to date.
export const showCountdowns = () => {
  $$("[data-due]").forEach(showDue);
  $$("[data-closes]").forEach(showSession);
};
