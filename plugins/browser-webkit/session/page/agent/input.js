// Acknowledgement: tells the session process which input the engine delivered. First of the agent's files: `calls` is what the others fill.

// What the session process may call: name to function of one argument (an object), see calls.js.
const calls = Object.create(null);

const kIsTopFrame = globalThis.window === globalThis.window.top;
const kInputKinds = ['mousedown', 'mouseup', 'mousemove', 'keydown', 'keyup', 'wheel', 'dragstart', 'dragover', 'drop', 'dragend', 'change'];

const tellSession = (text) => window.webkit.messageHandlers.driftstack.postMessage(text);
const acknowledge = (event) => {
  if (event.isTrusted) tellSession(event.type);
};
const listen = () => {
  // Repeated on purpose: document.open() removes listeners; adding one that is there does nothing.
  for (const kind of kInputKinds) window.addEventListener(kind, acknowledge, {capture: true, passive: true});
};
listen();
if (kIsTopFrame) document.addEventListener('DOMContentLoaded', () => tellSession('domcontentloaded'));

calls.arm = () => {
  listen();
  return {ready: true};
};
