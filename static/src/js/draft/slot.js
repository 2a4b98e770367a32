// One draft with its state: carries out the effects of draft/state.js.
import { $ } from "../lib/dom.js";
import { parley } from "../lib/parley.js";
import { area, fetchComposer, keyOf, shownMessage, tokenField } from "./composer.js";
import { initial, next } from "./state.js";
import { forget, forgetRecent, keyFor, read, remember, write } from "./store.js";

const pauseInTyping = 700, longestSave = 15000; // milliseconds
const slots = new Map();

// slotFor is the draft of a conversation in a mode; base is the conversation's path.
export const slotFor = (base, mode) => {
  const key = keyFor(base, mode);
  if (!slots.has(key)) slots.set(key, new Slot(key, base, mode));
  return slots.get(key);
};

class Slot {
  #state = initial;
  #timer;
  #saves = Promise.resolve();

  constructor(key, base, mode) {
    Object.assign(this, { key, base, mode });
  }

  get isSending() { return this.#state.sent?.state === "pending"; }

  // isUnsaved: a new composer from the server would not show the text yet, and saving it may help.
  get isUnsaved() {
    const { dirty, failed, stale, saving } = this.#state;
    return dirty && !failed && !stale || !!saving;
  }

  handle(type, details) {
    const [state, effects] = next(this.#state, { type, ...details });
    this.#state = state;
    effects.forEach((effect) => this[effect.do](effect));
  }

  // flush saves the text, and waits until that has been tried.
  async flush() {
    this.handle("replacing");
    while (this.#state.saving) await this.#saves;
  }

  keep({ record }) { write(this.key, record); }
  forget({ text }) { if (text === undefined || read(this.key)?.text === text) forget(this.key); }
  remember({ text }) { remember(this.key, text); }
  forgetRecent() { forgetRecent(this.key); }

  wait() {
    this.cancel();
    this.#timer = setTimeout(() => this.handle("paused"), pauseInTyping);
  }

  cancel() { clearTimeout(this.#timer); }

  save({ draft, leaving }) {
    const saves = this.#post(draft, leaving).then((type) => {
      this.handle(type, { draft, found: this.#textarea ? shownMessage(draft.token) : undefined });
    });
    this.#saves = saves;
  }

  async #post({ text, quote, token }, keepalive) {
    const body = new URLSearchParams({ mode: this.mode, body: text, quote, token });
    const options = { method: "POST", body, keepalive, signal: AbortSignal.timeout(longestSave) };
    try {
      const response = await parley.ask(this.base + "/draft", options);
      if (response.ok) return "saved";
      return response.status === 409 ? "saveRefused" : "saveFailed";
    } catch {
      return "saveFailed"; // the page says that the connection is lost
    }
  }

  get #textarea() {
    const textarea = area();
    return textarea && keyOf(textarea) === this.key ? textarea : null;
  }

  show({ text, quote, token }) {
    const textarea = this.#textarea;
    if (!textarea) return;
    if (textarea.value !== text) textarea.value = text;
    $("[data-unsent]", textarea.form)?.replaceChildren(); // what it was about is settled, or stands in another composer
    tokenField(textarea.form).value = token;
    if (quote && $("[data-quote-field]")) $("[data-quote-field]").value = quote;
  }

  renew() { if (this.#textarea) fetchComposer(); }
}
