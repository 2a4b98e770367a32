// The draft of a conversation in one mode (reply or note), without the DOM: next(state, event) returns the new state
// and the effects that draft/slot.js carries out. static/test/draft.test.js runs it through every order of events.
//
// Three promises: nothing typed is lost, a sent text is never offered again, and the server's draft becomes what was
// typed after the last message. A draft can reach the server after its message: it carries the message's token, and the
// server refuses it.
//
// state    text, quote  what the composer shows
//          token        of the composer's form
//          dirty        the server does not have it, and it is not on its way there
//          failed       the last attempt to save it failed
//          saving       the draft that is on its way to the server, or null
//          queued       another one follows once that has been answered
//          stale        a message has the form's token: drafts wait for a new form
//          wasRefused   the composer of the answer to a refused message comes
//          sent         the message whose outcome is not settled, or null: its texts (it may have been changed and sent
//                       again), its token, how many requests are running, and its state: pending (the composer on the
//                       page waits for it), unknown, or accepted; restored: it was sent from an earlier composer
// effects  keep, forget           what the browser stores (draft/store.js); forget only if it still has that text
//          remember, forgetRecent the text that the server confirmed last
//          wait, cancel           the pause in typing after which a draft is saved
//          save                   sends a draft; leaving: the page is being left
//          show, renew            puts a text into the composer; fetches a fresh composer
import { acceptedText, textAfter } from "./text.js";

export const initial = Object.freeze({
  text: "", quote: "", token: "", dirty: false, failed: false, saving: null, queued: false, stale: false, sent: null,
  wasRefused: false,
});

const isPending = (state) => state.sent?.state === "pending";

// recordOf is what the browser stores. The next page goes on with the same token: a draft that is still on its way then
// belongs to the message that is sent there.
const recordOf = ({ text, quote, token, stale, sent }) => {
  if (stale) return { text, quote };
  if (!sent) return { text, quote, token };
  return { text, quote, sent: sent.texts, token: sent.token, accepted: sent.state === "accepted" };
};
const keep = (state) => ({ do: "keep", record: recordOf(state) });
// keepStored: the server has the text, too. What counts is the token, and only while the server has that text.
const keepStored = (state) => ({ do: "keep", record: { ...recordOf(state), stored: true } });
const keepOrForget = (state) => (state.text ? keep(state) : { do: "forget" });
const show = ({ text, quote, token }) => ({ do: "show", text, quote, token });
const wait = { do: "wait" }, cancel = { do: "cancel" }, renew = { do: "renew" };

const unchanged = (state) => [state, []];

// save sends the draft, or lets it follow the one that is on its way.
const save = (state, effects = [], leaving = false) => {
  if (isPending(state) || state.stale) return [state, effects];
  if (state.saving && !leaving) return [{ ...state, queued: true }, [...effects, cancel]];
  const saving = { text: state.text, quote: state.quote, token: state.token };
  const saved = { ...state, saving, dirty: false, failed: false, queued: false };
  return [saved, [...effects, cancel, { do: "save", draft: saving, leaving }]];
};

// saveQueued sends what was typed while another draft was on its way.
const saveQueued = (state) => (state.queued && state.dirty ? save({ ...state, queued: false }) : unchanged(state));

// settle ends a message that was accepted: what was typed after it is the next draft, in a new form.
const settle = (state, sentText) => {
  const text = textAfter(state.text, sentText);
  return { ...state, text, quote: "", sent: null, dirty: text !== "", failed: false, queued: false, stale: true };
};

// endRequest: one of a message's requests has brought no message.
const endRequest = (state, isOwn) => {
  const sent = { ...state.sent, running: Math.max(0, state.sent.running - 1) };
  return isOwn ? { ...state, sent: { ...sent, state: "unknown" }, dirty: true, failed: false } : { ...state, sent };
};

// A refused message's composer has the same token, unless that was used for another text.
const isUsed = (state, { kept, token }) => state.wasRefused && kept?.token !== token;
const isAccepted = ({ kept, found }) => !!kept?.token && (kept.accepted || found !== undefined);

// tokenFor is the token of a draft in a fresh composer: one until its message is taken.
const tokenFor = (state, event) =>
  (state.token && !state.stale && !isUsed(state, event) && !isAccepted(event) ? state.token : event.token);

// draftOf is the draft that the browser stores: with the message whose outcome is not known, or without the one that
// was accepted. null: nothing was typed after that.
const draftOf = (state, event) => {
  const { text, quote, token, sent } = event.kept;
  if (!token || isUsed(state, event)) return { text, quote };
  if (isAccepted(event)) {
    const rest = textAfter(text, acceptedText(sent ?? [text], event.found, !!sent));
    return rest ? { text: rest } : null;
  }
  if (!sent) return { text, quote, token };
  const running = state.sent?.token === token ? state.sent.running : 0;
  return { text, quote, token, sent: { texts: sent, token, running, state: "unknown", restored: true } };
};

const handlers = {
  typed: (state, { text, quote }) => {
    const typed = { ...state, text, quote };
    if (isPending(state)) return [typed, [keep(typed)]];
    return [{ ...typed, dirty: true, failed: false }, [keep(typed), wait]];
  },

  // The pause in typing is over; or the composer is about to be replaced, and must show this text then.
  paused: (state) => (state.dirty ? save(state) : unchanged(state)),
  replacing: (state) => (state.dirty && !state.failed ? save(state) : unchanged(state)),

  saved: (state, { draft }) => {
    if (draft !== state.saving) return unchanged(state);
    const done = { ...state, saving: null };
    const isCurrent = !state.dirty && !state.sent && state.text === draft.text && state.quote === draft.quote;
    if (!isCurrent) return saveQueued(done);
    return [done, [{ do: "forget", text: draft.text }, { do: "remember", text: draft.text }]];
  },
  saveFailed: (state, { draft }) => {
    if (draft !== state.saving) return unchanged(state);
    const done = { ...state, saving: null };
    if (isPending(state)) return unchanged(done);
    if (state.queued) return save({ ...done, queued: false });
    if (draft.token !== state.token) return unchanged(done); // its text has become a message since
    const failed = { ...done, dirty: true, failed: true };
    return [failed, [keep(failed)]];
  },
  // A message has the draft's token; found is its text, if the page shows it.
  saveRefused: (state, { draft, found }) => {
    if (draft !== state.saving) return unchanged(state);
    const done = { ...state, saving: null, queued: false };
    const { sent } = state;
    if (isPending(state) && draft.token === sent.token) return unchanged(done); // the message's answer comes
    if (sent && draft.token === sent.token) {
      if (sent.restored) {
        const settled = settle(done, acceptedText(sent.texts, found));
        return [settled, [cancel, keepOrForget(settled), show(settled), renew]];
      }
      // The page says "Not sent", and the user may be about to send it again, which is answered as the same message.
      // The text is left where it is.
      const accepted = { ...done, dirty: false, sent: { ...sent, state: "accepted" } };
      return [accepted, [cancel, keep(accepted)]];
    }
    if (draft.token !== state.token) return state.dirty ? save(done) : unchanged(done);
    const stale = { ...done, stale: true, dirty: state.text !== "" };
    return [stale, [cancel, keepOrForget(stale), renew]];
  },

  sendStarted: (state, { text, quote, token }) => {
    if (isPending(state)) return unchanged(state);
    const { texts, running } = state.sent?.token === token ? state.sent : { texts: [], running: 0 };
    const sent = { texts: [...texts, text], token, running: running + 1, state: "pending" };
    const sending = { ...state, text, quote, token, sent, dirty: false, queued: false, wasRefused: false };
    return [sending, [cancel, { do: "forgetRecent" }, keep(sending)]];
  },
  // isOwn: the composer on the page waits for this answer, which has a fresh one.
  accepted: (state, { token, text, isOwn }) => {
    if (state.sent?.token !== token) return unchanged(state);
    const settled = settle(state, text), effects = [cancel, keepOrForget(settled)];
    if (isOwn) return [settled, effects];
    return [settled, [...effects, show(settled), ...(isPending(state) ? [] : [renew])]];
  },
  refused: (state, { token, isOwn, signedOut }) => {
    if (state.sent?.token !== token) return unchanged(state);
    const ended = endRequest(state, isOwn);
    if (ended.sent.running) return [ended, [keep(ended)]]; // the same message may still be accepted
    // What is not known of an earlier attempt is still not known.
    const sent = ended.sent.texts.length > 1 ? { ...ended.sent, state: "refused" } : null;
    const refused = { ...ended, sent, dirty: true, failed: false, wasRefused: !!isOwn };
    const kept = sent ? keep(refused) : keepOrForget(refused);
    return [refused, signedOut ? [kept] : [kept, wait]];
  },
  // The message keeps its token, so that sending it again creates no second one.
  outcomeUnknown: (state, { token, isOwn }) => {
    if (state.sent?.token !== token) return unchanged(state);
    const unknown = endRequest(state, isOwn);
    return [unknown, isOwn ? [keep(unknown), wait] : [keep(unknown)]];
  },

  // A fresh composer has a text and a token from the server. kept is what the browser stores; recent, a text that the
  // server confirmed after this page was requested; found, the text of the kept message if the page shows it: it was
  // accepted.
  placed: (state, event) => {
    if (event.kept?.stored && event.kept.text !== event.text) { // another device has written since
      const [then, effects] = handlers.placed(state, { ...event, kept: null });
      return [then, [{ do: "forget" }, ...effects]];
    }
    const { text, quote, kept, recent } = event;
    const fresh = { ...initial, saving: state.saving, text, quote, token: tokenFor(state, event) };
    const draft = kept ? draftOf(state, event) : { text: recent ?? text };
    if (!draft) return [fresh, [cancel, { do: "forget" }]];
    const restored = { ...fresh, ...draft, quote: quote || draft.quote || "" };
    if (restored.text !== text || restored.sent || kept && state.dirty) {
      return save({ ...restored, dirty: true }, [keep(restored), show(restored)]);
    }
    if (!kept) return [restored, [cancel, show(restored)]];
    return [restored, [cancel, text ? keepStored(restored) : { do: "forget" }, show(restored)]];
  },

  // A page that is left can't wait, and its running requests are aborted: the browser keeps the text, and the next page
  // sends it if this request fails.
  pageLeft: (state) => {
    const isOnItsWay = state.saving?.text === state.text && state.saving.token === state.token;
    return state.dirty || isOnItsWay ? save(state, [keep(state)], true) : unchanged(state);
  },
  // Another tab on the same conversation stores in the same place, and may have the text.
  connectionBack: (state, { kept }) =>
    (kept && kept.text === state.text ? save({ ...state, dirty: true, failed: false }) : unchanged(state)),
  sessionEnded: (state, { text, quote }) => {
    const typed = { ...state, text, quote };
    return [typed, [keep(typed)]];
  },
  // The text has become something else: a note.
  dropped: (state) => [{ ...initial, saving: state.saving, token: state.token }, [cancel, { do: "forget" }]],
};

// next handles an event, an object with the handler's name as type.
export const next = (state, event) => handlers[event.type](state, event);
