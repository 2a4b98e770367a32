// Times are shown in the reader's zone (the account's, else the browser's): relative, with the exact time on hover. The
// server's clock counts.
import { $$ } from "../lib/dom.js";

const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto", style: "short" });
let exact, hour, day;

// useZone chooses the zone that times are shown in; it throws for one that the browser does not know.
export const useZone = (timeZone) => {
  exact = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeStyle: "short", timeZone });
  hour = new Intl.DateTimeFormat("en", { hour: "2-digit", minute: "2-digit", timeZone });
  day = new Intl.DateTimeFormat("en", { weekday: "long", month: "long", day: "numeric", timeZone });
};
useZone();

// Each element carries the server's "now"; when it arrived here is noted.
const arrivals = new WeakMap();

// serverNow is the server's time in milliseconds, as an element knows it.
export const serverNow = (element) => {
  const now = Number(element.dataset.now || 0);
  if (!now) return Date.now();
  let arrival = arrivals.get(element);
  if (!arrival || arrival.now !== now) arrivals.set(element, arrival = { now, at: performance.now() });
  return now + performance.now() - arrival.at;
};

// span is a length of time in words.
export const span = (ms) => {
  const minutes = Math.floor(ms / 60000);
  if (minutes >= 2880) return `${Math.floor(minutes / 1440)} d`;
  if (minutes >= 60) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  return minutes >= 1 ? `${minutes} min` : "under a minute";
};

const ago = (ms) => {
  const seconds = Math.round(ms / 1000), distance = Math.abs(seconds);
  if (distance < 45) return "just now";
  if (distance < 2700) return relative.format(Math.round(seconds / 60), "minute");
  if (distance < 79200) return relative.format(Math.round(seconds / 3600), "hour");
  return relative.format(Math.round(seconds / 86400), "day");
};

const formats = {
  time: (_, time) => hour.format(time),
  day: (_, time) => day.format(time),
  exact: (_, time) => exact.format(time),
  since: (element, time) => span(serverNow(element) - time),
};

// showTimes brings all times of the page up to date.
export const showTimes = () => $$("time[data-show]").forEach((element) => {
  const time = new Date(element.dateTime), format = formats[element.dataset.show];
  const text = format ? format(element, time) : ago(time - serverNow(element));
  if (element.textContent !== text) element.textContent = text;
  if (!element.title) element.title = exact.format(time);
});
