// What is left of a text when a part of it was sent.

// textAfter is what was typed after a sent text, or in its place.
export const textAfter = (text, sent) => {
  if (text.trim() === sent.trim()) return "";
  const rest = text.startsWith(sent) ? text.slice(sent.length).replace(/^\n+/, "") : text;
  return rest.trim() ? rest : "";
};

// A message on the page is formatted: without the marks, and with other line breaks.
const plain = (text) => text.replace(/[\s*_~`]/g, "");

// acceptedText is the text that became a message, of those that were sent as the same one: the longest one that ends
// the message's text, as the page shows it. If that can't be said it is the first, as one of them did (isSure), or
// none: offering a word again is better than losing one.
export const acceptedText = (sentTexts, shown = "", isSure = true) => {
  const fits = sentTexts.filter((text) => plain(text) && plain(shown).endsWith(plain(text)));
  return fits.sort((a, b) => b.length - a.length)[0] ?? (isSure ? sentTexts[0] : "");
};
