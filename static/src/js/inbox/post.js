// Small requests whose answer does not matter.
import { parley } from "../lib/parley.js";

// post sends fields; keepalive: even if the page is being left.
export const post = (url, fields, keepalive = false) =>
  parley.ask(url, { method: "POST", body: new URLSearchParams(fields), keepalive }).catch(() => null);
