// The promises of src/js/draft/state.js, for every order of events up to a length.
import assert from "node:assert/strict";
import { test } from "node:test";
import { acceptedText, textAfter } from "../src/js/draft/text.js";
import { actions, calm, reopened, start } from "./world.js";

const length = Number(process.env.PARLEY_EVENTS || 7);

const typedIn = ({ typed }) => "abcdefgh".slice(0, typed);
const sentIn = ({ server }) => server.messages.map(({ text }) => text).join("");
const within = (text, others) => [...text].filter((letter) => others.includes(letter)).join("");

// check lets a world come to rest, and holds what it became against the promises.
const check = (world, messagesFirst) => {
  const live = calm(world, messagesFirst), sent = sentIn(live), shown = live.page.composer.text;
  const excused = live.warned + (live.shown ? "" : live.changed);
  const fresh = [...sent].filter((letter) => !excused.includes(letter)).join("");
  assert.equal(new Set(fresh).size, fresh.length, `sent twice: ${sent}`);
  [...typedIn(live)].forEach((letter) => assert.ok((sent + shown).includes(letter), `${letter} is lost`));
  assert.equal(within(live.server.draft, fresh), "", `sent, and a draft: ${live.server.draft}`);
  // The text of a message whose answer was lost is left where it is until the page is left, and so is one that the
  // server refused because an earlier version was sent.
  const isLeft = live.page.state.sent || within(shown, live.warned);
  if (!isLeft) assert.equal(live.server.draft, shown, "the server has another draft");

  const later = reopened(live, messagesFirst), offered = later.page.composer.text;
  assert.equal(within(offered, fresh), "", `sent, and offered again: ${offered}`);
  [...typedIn(later)].forEach((letter) => assert.ok((sent + offered).includes(letter), `${letter} is lost later`));
  assert.equal(later.server.draft, offered, "the server has another draft later");
};

// identity is the same for worlds that behave the same.
const identity = (world) => JSON.stringify(world, (key, value) =>
  (key === "draft" && value === world.page?.state.saving && value ? { ...value, current: true } : value));

const explore = (first) => {
  const seen = new Set();
  let worlds = [{ world: first, path: [] }];
  for (let n = 0; n <= length; n++) {
    const following = [];
    worlds.forEach(({ world, path }) => {
      [false, true].forEach((messagesFirst) => {
        try { check(world, messagesFirst); } catch (error) {
          error.message = `${path.join(", ")}${messagesFirst ? " (messages first)" : ""}: ${error.message}`;
          throw error;
        }
      });
      if (n === length) return;
      actions(world).forEach(([what, then]) => {
        const id = identity(then);
        if (seen.has(id)) return;
        seen.add(id);
        following.push({ world: then, path: [...path, what] });
      });
    });
    worlds = following;
  }
  return seen.size;
};

for (const shown of [true, false]) {
  test(`every order of events, where the thread ${shown ? "shows" : "does not show"} the message`, (t) => {
    const n = explore(start({ letters: 3, shown }));
    t.diagnostic(`${n} worlds after up to ${length} events`);
    assert.ok(n > 5000, `only ${n} worlds`);
  });
}

test("what is left of a text when a part of it was sent", () => {
  for (const [text, sent, rest] of [
    ["Hello", "Hello", ""], ["Hello\n", "Hello", ""], ["Hello\nand more", "Hello", "and more"], ["", "Hello", ""],
    ["Hello there", "Hello", " there"], ["Good-bye", "Hello", "Good-bye"], ["Hell", "Hello", "Hell"],
    ["Hello \n ", "Hello", ""],
  ]) assert.equal(textAfter(text, sent), rest, JSON.stringify([text, sent]));
});

test("which of several texts became the message", () => {
  for (const [shown, want] of [["> Hi\nA and b", "A and b"], ["A", "A"], ["A and b\n more", "A"], [undefined, "A"]]) {
    assert.equal(acceptedText(["A", "*A* and _b_"], shown)?.replace(/[*_]/g, ""), want);
  }
});
