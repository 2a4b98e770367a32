// The inbox: the thread that keeps its scroll position, the list's bulk actions, and the composer. Without this script
// the pages work as plain links and forms.
import "./draft/draft.js";
import "./inbox/thread.js";
import "./inbox/lightbox.js";
import "./inbox/next.js";
import "./inbox/selection.js";
import "./inbox/presence.js";
import "./inbox/formatting.js";
import "./inbox/offers.js";
import "./inbox/enter.js";
import "./inbox/emoji.js";
import "./inbox/attach.js";
import "./inbox/voice.js";
import { startInbox } from "./inbox/page.js";

startInbox();
