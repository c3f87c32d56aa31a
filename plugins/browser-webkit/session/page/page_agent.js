// Runs in the isolated world of every frame: invisible to the page, untouched by what the page overrides. It reads; it never changes the
// page (scrolling a target into view is the one exception). What customers write arrives as arguments only.
'use strict';
(() => {
  if (globalThis.driftstack) return;

  const kTwoFramesMs = 34;          // at 60 Hz
  const kMeasurementGapMs = 100;    // measurements further apart than this say nothing about the time between them
  const kMostRects = 8;             // boxes of one element that are tried (a link over several lines has several)
  const kFrameAgent = globalThis.window !== globalThis.window.top;

  // ---- acknowledgement: input that the engine delivered

  const kInputKinds = ['mousedown', 'mouseup', 'keydown', 'keyup', 'wheel'];
  const acknowledge = (event) => {
    if (event.isTrusted) window.webkit.messageHandlers.driftstack.postMessage(event.type);
  };
  const listen = () => {
    // Repeated on purpose: document.open() removes listeners; adding one that is there does nothing.
    for (const kind of kInputKinds) window.addEventListener(kind, acknowledge, {capture: true, passive: true});
  };
  listen();
  document.addEventListener('DOMContentLoaded', () => {
    if (!kFrameAgent) window.webkit.messageHandlers.driftstack.postMessage('domcontentloaded');
  });
  if (kFrameAgent) return;

  // ---- finding

  class BadSelector extends Error {}

  const openRoots = function* (root) {
    for (const element of root.querySelectorAll('*')) {
      if (element.shadowRoot) {
        yield element.shadowRoot;
        yield* openRoots(element.shadowRoot);
      }
    }
  };

  const findAll = (selector, root = document) => {
    let found;
    try {
      found = [...root.querySelectorAll(selector)];
    } catch (error) {
      throw new BadSelector(String(error.message));
    }
    if (found.length > 0) return found;
    for (const shadow of openRoots(root)) found.push(...shadow.querySelectorAll(selector));
    return found;
  };

  const boxes = (element) => [...element.getClientRects()].filter((box) => box.width > 0 && box.height > 0);
  const isVisible = (element) => boxes(element).length > 0 && getComputedStyle(element).visibility === 'visible';

  const describe = (element) => {
    let text = element.localName;
    if (element.id) text += '#' + element.id;
    for (const name of [...element.classList].slice(0, 2)) text += '.' + name;
    return text.slice(0, 80);
  };

  // ---- the box of a target

  const inViewport = (x, y) => x >= 0 && y >= 0 && x < innerWidth && y < innerHeight;

  const clippedCentre = (box) => {
    const left = Math.max(box.left, 0), right = Math.min(box.right, innerWidth);
    const top = Math.max(box.top, 0), bottom = Math.min(box.bottom, innerHeight);
    return right > left && bottom > top ? {x: (left + right) / 2, y: (top + bottom) / 2} : null;
  };

  const bringIntoView = (element) => {
    const box = element.getBoundingClientRect();
    const x = box.left + box.width / 2, y = box.top + box.height / 2;
    if (!inViewport(x, y)) element.scrollIntoView({block: 'center', inline: 'center', behavior: 'instant'});
  };

  const elementAt = (x, y) => {
    let hit = document.elementFromPoint(x, y);
    while (hit && hit.shadowRoot) {
      const inner = hit.shadowRoot.elementFromPoint(x, y);
      if (!inner || inner === hit) break;
      hit = inner;
    }
    return hit;
  };

  const composedParent = (node) => node.assignedSlot || node.parentNode || node.host || null;
  const isInside = (node, target) => {
    for (let at = node; at; at = composedParent(at)) {
      if (at === target) return true;
    }
    return false;
  };
  const reaches = (hit, target) => {
    if (isInside(hit, target)) return true;
    const label = hit.closest && hit.closest('label');
    return !!label && label.control === target;  // a tap on its label is a tap on the control
  };

  const hitPoint = (element) => {
    let cover = null;
    for (const box of boxes(element).slice(0, kMostRects)) {
      const point = clippedCentre(box);
      if (!point) continue;
      const hit = elementAt(point.x, point.y);
      if (hit && reaches(hit, element)) return {point};
      cover = cover || hit;
    }
    return {cover};
  };

  // ---- stability: a box is stable when it was the same over two frames. Waiting for two frames costs 30 ms; it is left out when the page
  // has been quiet for that long, or when earlier measurements show it.

  let lastChange = performance.now();
  const noteChange = () => { lastChange = performance.now(); };
  new MutationObserver(noteChange).observe(document, {subtree: true, childList: true, attributes: true, characterData: true});
  for (const kind of ['scroll', 'load', 'resize', 'transitionrun', 'animationstart']) {
    window.addEventListener(kind, noteChange, {capture: true, passive: true});
  }

  let history = null;  // {element, key, since, last}
  const measure = (element) => {
    const box = element.getBoundingClientRect();
    const key = [box.left, box.top, box.width, box.height].join();
    const now = performance.now();
    const known = history && history.element === element && history.key === key && now - history.last < kMeasurementGapMs;
    history = known ? {...history, last: now} : {element, key, since: now, last: now};
    return key;
  };
  const isQuiet = () =>
      performance.now() - lastChange > kTwoFramesMs && !document.getAnimations().some((animation) => animation.playState === 'running');
  const nextFrame = () => new Promise((resolve) => requestAnimationFrame(resolve));

  const isStable = async (element) => {
    const first = measure(element);
    if (isQuiet() || history.last - history.since >= kTwoFramesMs) return true;
    for (let frame = 0; frame < 2; ++frame) {
      await nextFrame();
      if (measure(element) !== first) return false;
    }
    return true;
  };

  // ---- usability

  const isDisabled = (element) => element.matches(':disabled') || element.closest('[inert]') !== null;
  const isTextControl = (element) =>
      element.isContentEditable || element.localName === 'textarea' ||
      (element.localName === 'input' && !['button', 'checkbox', 'color', 'file', 'hidden', 'image', 'radio', 'range', 'reset', 'submit']
                                              .includes(element.type));

  const activeElement = () => {
    let active = document.activeElement;
    while (active && active.shadowRoot && active.shadowRoot.activeElement) active = active.shadowRoot.activeElement;
    return active;
  };

  const choose = (selector) => {
    const found = findAll(selector);
    return found.find(isVisible) || found[0] || null;
  };

  const locate = async ({selector, purpose}) => {
    listen();
    const element = choose(selector);
    if (!element) return {status: 'absent', detail: 'no element matches'};
    if (!isVisible(element)) return {status: 'hidden', detail: `${describe(element)} is not visible`};
    if (purpose !== 'scroll' && isDisabled(element)) return {status: 'unusable', detail: `${describe(element)} is disabled`};
    if (purpose === 'type' && element.readOnly) return {status: 'unusable', detail: `${describe(element)} is read-only`};
    bringIntoView(element);
    if (!await isStable(element)) return {status: 'moving', detail: `${describe(element)} is moving`};
    const {point, cover} = hitPoint(element);
    if (!point) {
      const by = cover ? describe(cover) : 'something outside of the page';
      return {status: 'covered', detail: `${describe(element)} is covered by ${by}`};
    }
    const active = activeElement();
    return {status: 'ready', x: point.x, y: point.y, focused: !!active && active !== document.body && isInside(active, element)};
  };

  // Whether keys would reach the target: it, something in it, its control, or any text field that its tap gave the focus to.
  const takesKeys = ({selector}) => {
    const element = choose(selector);
    const active = activeElement();
    if (!active) return {ready: false};
    if (element && (isInside(active, element) || element.control === active)) return {ready: true};
    return {ready: isTextControl(active) || document.designMode === 'on'};
  };

  // ---- waiting

  const isPresent = ({selector}) => ({ready: findAll(selector).length > 0});
  const isGone = ({selector}) => ({
    ready: findAll(selector).every((element) => {
      const style = getComputedStyle(element);
      return style.visibility !== 'visible' || !hasLayout(element);
    }),
  });
  // False under display:none. Boxes do not tell: an empty element has none either, but is not hidden.
  const hasLayout = (element) => {
    for (let at = element; at; at = composedParent(at)) {
      if (at.nodeType === Node.ELEMENT_NODE && getComputedStyle(at).display === 'none') return false;
    }
    return true;
  };
  const isAt = ({url}) => ({ready: location.href === url});
  const urlMatches = ({pattern}) => {
    let expression;
    try {
      expression = new RegExp(pattern);
    } catch (error) {
      throw new BadSelector(String(error.message));
    }
    return {ready: expression.test(location.href)};
  };

  // ---- reading

  // What JSON over the wire cannot hold: halves of surrogate pairs and U+0000.
  const clean = (text) => text.toWellFormed().replaceAll('\0', '\ufffd');

  const toNumber = (text) => {
    const found = /[-\u2212]?\d[\d.,'\u00a0\u202f ]*/.exec(text);
    if (!found) return null;
    let digits = found[0].replace('\u2212', '-').replace(/['\u00a0\u202f ]/g, '').replace(/[.,]+$/, '');
    const comma = digits.lastIndexOf(','), dot = digits.lastIndexOf('.');
    if (comma >= 0 && dot >= 0) {
      // Both: the later one is the decimal mark.
      digits = comma > dot ? digits.replaceAll('.', '').replace(',', '.') : digits.replaceAll(',', '');
    } else if (comma >= 0) {
      // Only commas: groups of three are thousands, anything else is a decimal mark.
      digits = /^-?\d{1,3}(,\d{3})+$/.test(digits) ? digits.replaceAll(',', '') : digits.replace(',', '.');
    } else if (/^-?\d{1,3}(\.\d{3}){2,}$/.test(digits)) {
      digits = digits.replaceAll('.', '');
    }
    const number = Number(digits);
    return Number.isFinite(number) ? number : null;
  };

  const readOne = (element, {type, attribute, transform}) => {
    if (!element) return null;
    const text = type === 'attribute' ? element.getAttribute(attribute) : element.textContent.trim();
    if (text === null) return null;
    return transform === 'number' ? toNumber(text) : clean(text);
  };

  const readFields = (element, fields) => {
    const row = Object.create(null);
    for (const [name, field] of Object.entries(fields)) {
      row[name] = readOne(field.selector ? findAll(field.selector, element)[0] : element, field);
    }
    return row;
  };

  const extract = ({extractions}) => {
    const value = Object.create(null);
    for (const item of extractions) {
      const found = findAll(item.selector);
      if (item.type === 'list') {
        value[item.name] = found.map((element) => item.extract ? readFields(element, item.extract) : readOne(element, {...item, type: 'text'}));
      } else {
        value[item.name] = readOne(found[0], item);
      }
    }
    return value;
  };

  const localStorageItems = () => {
    try {
      const keys = Array.from({length: localStorage.length}, (_, i) => localStorage.key(i));
      return Object.fromEntries(keys.map((key) => [clean(key), clean(localStorage.getItem(key))]));
    } catch {
      return {};  // an opaque origin has none
    }
  };

  const facts = () => ({title: clean(document.title), local_storage: localStorageItems()});

  const html = () => {
    const doctype = document.doctype ? new XMLSerializer().serializeToString(document.doctype) + '\n' : '';
    return doctype + (document.documentElement ? document.documentElement.outerHTML : '');
  };

  const size = () => {
    const root = document.scrollingElement || document.documentElement;
    return {width: Math.max(root ? root.scrollWidth : 0, innerWidth), height: Math.max(root ? root.scrollHeight : 0, innerHeight)};
  };

  const calls = {
    locate, takesKeys, isPresent, isGone, isAt, urlMatches, extract, facts, html, size,
    arm: () => { listen(); return {ready: true}; },
  };

  globalThis.driftstack = async (name, args) => {
    try {
      const result = await calls[name](JSON.parse(args));
      return typeof result === 'string' ? result : JSON.stringify({value: result});
    } catch (error) {
      if (error instanceof BadSelector) return JSON.stringify({bad_request: error.message});
      throw error;
    }
  };
})();
