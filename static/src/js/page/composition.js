// Keys that belong to a composition (Japanese, Chinese, Korean, accents) are the input method's: Enter ends it, the
// arrows choose within it, Escape leaves it. This listener is the first one of the window and keeps them from all other
// handlers. Safari sends the Enter that ends a composition after compositionend, with the key code 229 and no
// isComposing.
["keydown", "keypress", "keyup"].forEach((type) => addEventListener(type, (event) => {
  if (event.isComposing || event.keyCode === 229) event.stopImmediatePropagation();
}, true));
