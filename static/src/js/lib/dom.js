// What all scripts find elements and bind handlers with. Handlers are bound by data- attributes on the document, so
// that parts that htmx swaps in need no set-up.

// $ is the first element that matches, $$ are all.
export const $ = (selector, within = document) => within.querySelector(selector);
export const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];

// on calls handle(element, event) for events on elements that match, or inside of one.
export const on = (type, selector, handle, capture) =>
  document.addEventListener(type, (event) => {
    const element = event.target instanceof Element && event.target.closest(selector);
    if (element) handle(element, event);
  }, capture);

// fragment is HTML from the server as nodes.
export const fragment = (html) => {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content;
};

// make creates an element with properties; data- attributes are in dataset.
export const make = (tag, { dataset = {}, ...properties } = {}, ...children) => {
  const element = Object.assign(document.createElement(tag), properties);
  Object.assign(element.dataset, dataset);
  element.append(...children);
  return element;
};

// whenReady runs a function once the document has been parsed.
export const whenReady = (run) => {
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", run);
  else run();
};

// onChange runs a function delay milliseconds after the page has changed, once for all changes within the delay.
export const onChange = (run, delay, options = { childList: true, subtree: true }) => {
  let timer;
  new MutationObserver(() => {
    clearTimeout(timer);
    timer = setTimeout(run, delay);
  }).observe(document.body, options);
};

// emit dispatches an event that parts of the page listen to in hx-trigger, as "name from:body".
export const emit = (name) => document.body.dispatchEvent(new CustomEvent(name, { bubbles: false }));

// typed tells an element's listeners that a script has changed its value.
export const typed = (element) => element.dispatchEvent(new Event("input", { bubbles: true }));
