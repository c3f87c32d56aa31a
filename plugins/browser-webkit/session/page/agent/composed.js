// Reading a document as it is shown: composed trees (open shadow roots, slots, frames that this world can enter) without what is hidden.

const kMostDepth = 1000;               // of nested elements; deeper ones are left out
const kMostCharacters = 9 * (1 << 20);  // more than any answer may carry: who reads on beyond it works for nothing

const kNeverShown = new Set(['script', 'style', 'noscript', 'template', 'head', 'meta', 'link', 'title', 'datalist']);

// Null for a frame of another origin.
const documentInside = (frame) => {
  try {
    return frame.contentDocument;
  } catch {
    return null;
  }
};

const shownChildren = (node) => {
  if (node.localName === 'slot' && node.assignedNodes) {
    const assigned = node.assignedNodes();
    if (assigned.length > 0) return assigned;
  }
  if (node.shadowRoot) return [...node.shadowRoot.childNodes];
  if (node.localName === 'details' && !node.open) return [...node.children].filter((child) => child.localName === 'summary').slice(0, 1);
  return [...node.childNodes];
};

const styleOf = (element) => element.ownerDocument.defaultView.getComputedStyle(element);

// False for an element that is not shown with all that is in it.
const isShown = (element, style) => !kNeverShown.has(element.localName) && style.display !== 'none' && style.contentVisibility !== 'hidden';

const kBlockDisplay = /^(?:block|flow-root|list-item|flex|grid|table|run-in)/;
const isBlock = (style) => kBlockDisplay.test(style.display);
