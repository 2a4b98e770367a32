// The connection to Parley. Each of Parley's own answers carries the header X-Parley. An answer without it comes from
// something in between (a proxy's error page while the program restarts): it is never shown, the page says that the
// connection is lost, and read requests are repeated. Requests that change something are never repeated automatically.
// The script runs before htmx.
import { ask } from "./net/ask.js";
import { lost } from "./net/probe.js";
import { ended, signedOut } from "./net/session.js";
import { inTrouble, pause, trouble } from "./net/state.js";
import "./net/requests.js";

window.parley = { ...window.parley, ask, ended, inTrouble, lost, pause, signedOut, trouble };
