// A page, a network and a server, in which every order of events around a draft can be tried. Worlds are never changed:
// an action returns a new one. Each letter is typed once, so that it can be followed.
import { initial, next } from "../src/js/draft/state.js";

const letters = "abcdefgh";

export const start = (options) => {
  const world = {
    ...options, // letters: how many are typed; shown: whether the page shows the messages of the conversation
    typed: 0,
    page: null, // null: another page is open
    store: null, // what the browser keeps
    recent: undefined,
    pages: 0,
    requests: [], // on their way to the server, or answered and on their way back
    server: { draft: "", messages: [], tokens: 0 },
    warned: "", // letters that the user was told about: an earlier version of the text was sent
    changed: "", // letters of a message that was sent again with another text
  };
  return open(world);
};

const apply = (world, event) => {
  const [state, effects] = next(world.page.state, event);
  const page = { ...world.page, state };
  return effects.reduce(effect, { ...world, page });
};

const onPage = (world, changes) => ({ ...world, page: { ...world.page, ...changes } });

const effect = (world, { do: name, record, text, token, draft }) => {
  const { page } = world;
  switch (name) {
    case "keep": return { ...world, store: record };
    case "forget": return text === undefined || world.store?.text === text ? { ...world, store: null } : world;
    case "remember": return { ...world, recent: text };
    case "forgetRecent": return { ...world, recent: undefined };
    case "wait": return onPage(world, { timer: true });
    case "cancel": return onPage(world, { timer: false });
    case "save": return { ...world, requests: [...world.requests, { draft, page: page.id }] };
    case "show": return page.composer ? onPage(world, { composer: { ...page.composer, text, token } }) : world;
    case "renew": return page.composer ? onPage(world, { renewing: true }) : world;
    default: throw new Error(name);
  }
};

// shownMessage is the text of the message with a token, if the page shows it.
const shownMessage = ({ shown, server }, token) =>
  (shown && token ? server.messages.find((message) => message.token === token)?.text : undefined);

// place shows a fresh composer with a text from the server.
const place = (world, text, usedToken) => {
  const tokens = world.server.tokens + 1, token = usedToken ?? "t" + tokens, { store, recent } = world;
  const placed = {
    ...world,
    server: { ...world.server, tokens },
    recent: undefined,
    page: { ...world.page, composer: { text, token, id: tokens }, renewing: false, isOld: false },
  };
  const found = shownMessage(world, store?.token);
  const event = { type: "placed", text, quote: "", token, kept: store, found };
  return apply(placed, { ...event, recent: world.page.isOld ? recent : undefined });
};

const open = (world) => {
  const page = { id: world.pages + 1, state: initial, timer: false, composer: null, isOld: true };
  return place({ ...world, pages: page.id, page }, world.server.draft);
};

const isPending = ({ page }) => page?.state.sent?.state === "pending";
const replace = (list, old, ...now) => list.flatMap((one) => (one === old ? now : [one]));

// What the user does.
const user = {
  type: (world) => {
    if (!world.page?.composer || world.typed >= world.letters) return null;
    const text = world.page.composer.text + letters[world.typed];
    const typed = onPage(world, { composer: { ...world.page.composer, text } });
    return apply({ ...typed, typed: world.typed + 1 }, { type: "typed", text, quote: "" });
  },
  send: (world) => {
    const composer = world.page?.composer;
    if (!composer?.text || isPending(world)) return null;
    const { text, token } = composer, before = world.page.state.sent;
    const isChanged = before?.token === token && before.texts.at(-1) !== text;
    const sending = apply(world, { type: "sendStarted", text, quote: "", token });
    return {
      ...sending,
      changed: isChanged ? sending.changed + text : sending.changed,
      requests: [...sending.requests, { message: { text, token }, composer: composer.id, page: world.page.id }],
    };
  },
  leave: (world) => (world.page ? { ...apply(world, { type: "pageLeft" }), page: null } : null),
  return: (world) => (world.page ? null : open(world)),
  // Another conversation on the same page, and back.
  switchAway: (world) => (world.page?.composer ? onPage(world, { composer: null }) : null),
  switchBack: (world) => (world.page && !world.page.composer ? place(world, world.server.draft) : null),
};

// What happens on the page by itself.
const page = {
  pause: (world) => {
    if (!world.page?.timer) return null;
    return apply(onPage(world, { timer: false }), { type: "paused" });
  },
  renew: (world) => (world.page?.composer && world.page.renewing ? place(world, world.server.draft) : null),
  redraw: (world) => {
    if (!world.page?.composer || isPending(world)) return null;
    const flushed = apply(world, { type: "replacing" }), { dirty, failed, stale, saving } = flushed.page.state;
    return dirty && !failed && !stale || saving ? flushed : place(flushed, flushed.server.draft);
  },
  reconnect: (world) =>
    (world.page?.composer ? apply(world, { type: "connectionBack", kept: world.store }) : null),
};

// The server takes a draft unless its message was taken, and a message once.
const takeDraft = ({ server }, { text, token }) => (server.messages.some((message) => message.token === token)
  ? [server, "saveRefused"] : [{ ...server, draft: text }, "saved"]);
const takeMessage = ({ server }, message, refuses) => {
  const before = server.messages.find(({ token }) => token === message.token);
  if (before?.text === message.text) {
    const draft = server.draft === message.text ? "" : server.draft; // another one is the next message's
    return [{ ...server, draft }, "accepted"];
  }
  if (before) return [server, "refused"];
  if (refuses) return [server, "refused"];
  return [{ ...server, draft: "", messages: [...server.messages, message] }, "accepted"];
};
const arrive = (world, request, refuses) => {
  const [server, answer] = request.draft
    ? takeDraft(world, request.draft) : takeMessage(world, request.message, refuses);
  return { ...world, server, requests: replace(world.requests, request, { ...request, answer }) };
};

const isOwn = ({ page: { composer } }, request) => composer?.id === request.composer;
const answered = (world, request) => {
  const { draft, message, answer } = request;
  const rest = { ...world, requests: replace(world.requests, request) };
  if (rest.page?.id !== request.page) return rest;
  if (draft) return apply(rest, { type: answer, draft, found: shownMessage(rest, draft.token) });
  const handled = apply(rest, { type: answer, ...message, isOwn: isOwn(rest, request) });
  const wasTaken = answer === "refused" && world.server.messages.some(({ token }) => token === message.token);
  const now = wasTaken ? { ...handled, warned: handled.warned + message.text } : handled;
  // The answer replaces the composer, if that is still the one that it was sent from.
  if (!isOwn(now, request)) return now;
  if (answer === "accepted") return place(now, now.server.draft);
  return place(now, message.text, wasTaken ? undefined : message.token);
};
const lost = (world, request) => {
  const { draft, message } = request, rest = { ...world, requests: replace(world.requests, request) };
  if (rest.page?.id !== request.page) return rest;
  if (draft) return apply(rest, { type: "saveFailed", draft });
  return apply(rest, { type: "outcomeUnknown", token: message.token, isOwn: isOwn(rest, request) });
};

// canArrive: drafts keep their order among each other. A message may overtake them, and they it.
const canArrive = (world, request) =>
  !request.draft || request === world.requests.find(({ draft, answer }) => draft && !answer);

// actions are all worlds that can come next, with what happens.
export const actions = (world) => [
  ...Object.entries({ ...user, ...page }).map(([name, act]) => [name, act(world)]),
  ...world.requests.flatMap((request) => {
    const what = request.draft ? "draft" : "message";
    if (request.answer) {
      return [[`${what} answered`, answered(world, request)], [`${what}'s answer lost`, lost(world, request)]];
    }
    return [
      [`${what} arrives`, canArrive(world, request) ? arrive(world, request, false) : null],
      [`${what} lost`, lost(world, request)],
      ...(request.message ? [["message is refused", arrive(world, request, true)]] : []),
    ];
  }),
].filter(([, then]) => then && then !== world);

// calm lets everything end well, without the user. A request arrives when it is its turn, or messages do first.
export const calm = (world, messagesFirst) => {
  for (let steps = 0; steps < 100; steps++) {
    const request = messagesFirst && world.requests.find(({ message }) => message) || world.requests[0];
    if (request) world = request.answer ? answered(world, request) : arrive(world, request, false);
    else if (!world.page) world = user.return(world);
    else if (!world.page.composer) world = user.switchBack(world);
    else if (world.page.renewing) world = page.renew(world);
    else if (world.page.timer) world = page.pause(world);
    else if (world.page.state.failed) world = page.reconnect(world);
    else return world;
  }
  throw new Error("it never ends");
};

// reopened is the page after the user has left it and come back.
export const reopened = (world, messagesFirst) => calm(user.return(user.leave(world)), messagesFirst);
