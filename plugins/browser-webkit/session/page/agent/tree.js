// Walking the composed tree: light trees and open shadow roots together.

const openRoots = function* (root) {
  for (const element of root.querySelectorAll('*')) {
    if (element.shadowRoot) {
      yield element.shadowRoot;
      yield* openRoots(element.shadowRoot);
    }
  }
};

const composedParent = (node) => node.assignedSlot || node.parentNode || node.host || null;

const isInside = (node, target) => {
  for (let at = node; at; at = composedParent(at)) {
    if (at === target) return true;
  }
  return false;
};

// False under display:none. Boxes do not tell: an empty element has none either, but is not hidden.
const hasLayout = (element) => {
  for (let at = element; at; at = composedParent(at)) {
    if (at.nodeType === Node.ELEMENT_NODE && getComputedStyle(at).display === 'none') return false;
  }
  return true;
};

const boxes = (element) => [...element.getClientRects()].filter((box) => box.width > 0 && box.height > 0);
const isVisible = (element) => boxes(element).length > 0 && getComputedStyle(element).visibility === 'visible';

const activeElement = () => {
  let active = document.activeElement;
  while (active && active.shadowRoot && active.shadowRoot.activeElement) active = active.shadowRoot.activeElement;
  return active;
};

// An element as an error text names it.
const describe = (element) => {
  let text = element.localName;
  if (element.id) text += '#' + element.id;
  for (const name of [...element.classList].slice(0, 2)) text += '.' + name;
  return text.slice(0, 80);
};

const squeezed = (text) => text.replace(/\s+/g, ' ').trim();

// What JSON over the wire cannot hold: halves of surrogate pairs and U+0000.
const clean = (text) => text.toWellFormed().replaceAll('\0', '\ufffd');
