// The stream of events: connecting, reconnecting, and noticing that it is dead.
import { $, $$, emit } from "../lib/dom.js";
import { parley } from "../lib/parley.js";
import { refreshList, rewatchList } from "./list.js";
import { pointerReleased } from "./pointer.js";
import { updateRows } from "./rows.js";

const live = document.getElementById("live");
let source, address = "", lastEvent = "", tries = 0, retry = 0;
let lastSign = 0; // when the stream last gave a sign of life, in milliseconds
let isOpen = false;
let isFull = false; // the user has more pages open than allowed streams, and this one is the oldest

const wantedAddress = () => {
  const topics = [...new Set($$("[data-topics]").flatMap((el) => el.dataset.topics.split(",")))].filter(Boolean).sort();
  const list = $("[data-list-view]");
  return live.dataset.events + "?user=" + live.dataset.user + "&topics=" + encodeURIComponent(topics.join(","))
    + (list ? "&list=" + encodeURIComponent(list.dataset.list || "view=all") : "");
};

const publish = (name) => {
  if (name === "resync" || name === "inbox") refreshList();
  emit(name);
};

// connect opens the stream that the page needs, unless it is open.
export const connect = () => {
  const wanted = wantedAddress();
  if (isFull || retry || parley.ended() || source && wanted === address) return;
  source?.close();
  address = wanted;
  lastSign = Date.now();
  isOpen = false;
  source = new EventSource(wanted + (lastEvent ? "&after=" + encodeURIComponent(lastEvent) : ""));
  listen(source, new URL(wanted, location.href).searchParams.get("topics").split(","));
};

const listen = (stream, topics) => {
  const signOfLife = () => {
    if (stream !== source) return;
    lastSign = Date.now();
    isOpen = true;
    tries = 0;
    parley.trouble("stream", false);
  };
  // This page stays without a stream until the user comes back to it. If the server has too many streams, a visible
  // page tries again later.
  stream.addEventListener("full", (event) => {
    if (stream !== source) return;
    signOfLife();
    stream.close();
    source = null;
    isFull = true;
    if (event.data === "server") setTimeout(() => { if (isFull) check(); }, 30000 * (1 + Math.random()));
  });
  stream.onerror = () => { if (stream === source) reconnect(); };
  stream.addEventListener("beat", signOfLife);
  new Set(["resync", ...topics]).forEach((name) => stream.addEventListener(name, (event) => {
    signOfLife();
    if (event.lastEventId) lastEvent = event.lastEventId;
    publish(name);
  }));
  stream.addEventListener("rows", async (event) => {
    signOfLife();
    await pointerReleased();
    updateRows(JSON.parse(event.data));
  });
};

// Each page waits for a random time before it reconnects, so that not all of them come at once after a restart.
const reconnect = (atOnce) => {
  if (isFull) return;
  if (source && !isOpen && !atOnce) parley.lost(); // is Parley reachable, and is the user still signed in?
  source?.close();
  source = null;
  parley.trouble("stream", true, 2500); // don't report a short interruption
  clearTimeout(retry);
  retry = setTimeout(() => { retry = 0; connect(); }, atOnce ? 0 : parley.pause(tries));
  tries++;
};

// A stream can be dead without an error (a sleeping laptop, a frozen proxy): heartbeats are then missing.
const isSilent = () => {
  const silence = Number(live.dataset.silence);
  return Date.now() - lastSign > (isOpen ? silence : Math.min(silence, 15000));
};

const watchStream = () => {
  if (source && isSilent()) reconnect();
  setTimeout(watchStream, Math.min(5000, Number(live.dataset.silence) / 5));
};

const check = () => {
  if (document.hidden || parley.ended()) return;
  isFull = false;
  if (source && Date.now() - lastSign <= Number(live.dataset.beat) * 1.25) return;
  tries = 0;
  reconnect(true);
};
// startStream watches the stream, and the page's own reasons to reconnect.
export const startStream = () => {
  watchStream();
  document.addEventListener("visibilitychange", check);
  addEventListener("online", check);
  addEventListener("focus", () => { if (isFull) check(); });
  addEventListener("pageshow", (event) => { if (event.persisted) { address = ""; connect(); } });
  addEventListener("pagehide", () => {
    source?.close();
    source = null;
    clearTimeout(retry);
    retry = 0;
  });
  document.addEventListener("parley:back", (event) => {
    if (!event.detail) return; // Parley was reachable all the time: the stream reconnects with its own delays
    if (!source) { tries = 0; reconnect(true); }
    refreshList();
    rewatchList();
  });
};
