// Live updates, the command palette and the keyboard shortcuts of every page for signed-in users. One stream of events
// per page: events are names, which become DOM events on the body that parts of the page listen to; rows of the inbox
// arrive complete and are put in their place. After a reconnect the page receives what it missed.
import { startLive } from "./live/page.js";
import { startPalette } from "./live/palette.js";
import { startShortcuts } from "./live/shortcuts.js";

if (document.getElementById("live")) {
  startLive();
  startPalette();
  startShortcuts();
}
