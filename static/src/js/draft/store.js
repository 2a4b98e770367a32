// What the browser stores of drafts, by user, conversation and mode: text, quote, the time (at); and of a message whose
// outcome is not known its texts (sent) and its token. Each user has separate drafts.
const user = document.getElementById("live")?.dataset.user || "";
const longest = 30 * 86400000; // milliseconds

// keyFor names a draft; base is the conversation's path.
export const keyFor = (base, mode) => `draft:${user}:${base}:${mode}`;

const parse = (json) => { try { return JSON.parse(json || "null"); } catch { return null; } };

export const read = (key) => parse(localStorage.getItem(key));
export const write = (key, record) => {
  try {
    localStorage.setItem(key, JSON.stringify({ at: Date.now(), ...record }));
  } catch { /* full: the page still has it */ }
};
export const forget = (key) => localStorage.removeItem(key);

// A draft that has not been opened for a month is discarded.
Object.keys(localStorage).filter((key) => key.startsWith("draft:") && !(Date.now() - read(key)?.at < longest))
  .forEach(forget);

// A page that was requested before the draft was saved does not contain it: this tab remembers what the server
// confirmed last. The time of the request is measured with the clock that drafts are marked with: timeOrigin uses
// another one, which stops while the computer sleeps.
const requestedAt = Date.now() - performance.now();
export const remember = (key, text) => sessionStorage.setItem(key, JSON.stringify({ at: Date.now(), text }));
export const forgetRecent = (key) => sessionStorage.removeItem(key);

// takeRecent is that text if this page is older, else undefined; it is forgotten.
export const takeRecent = (key) => {
  const recent = parse(sessionStorage.getItem(key));
  forgetRecent(key);
  return recent?.at > requestedAt ? recent.text : undefined;
};
