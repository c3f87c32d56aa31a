// The accessibility outline: what assistive technology would find, as a tree of {ref, role, name, state, box, children}.
//
// Elements without a role of their own are left out and their children take their place. Text that no name covers is a node of role `text`.
// A frame of the same origin shows its document below it, without refs: a ref names an element of its own document only.

const kMostNodes = 100000;

const tristate = (value) => value === 'mixed' ? 'mixed' : value === 'true';

const ariaStates = (element, state) => {
  for (const name of ['expanded', 'selected', 'pressed', 'busy']) {
    const value = element.getAttribute('aria-' + name);
    if (value === 'true' || value === 'false' || value === 'mixed') state[name] = tristate(value);
  }
  const current = element.getAttribute('aria-current');
  if (current && current !== 'false') state.current = current;
  if (element.hasAttribute('aria-invalid') && element.getAttribute('aria-invalid') !== 'false') state.invalid = true;
};

const kCheckedRoles = new Set(['checkbox', 'radio', 'switch', 'menuitemcheckbox', 'menuitemradio']);

const stateOf = (element, role, focused) => {
  const state = {};
  if (isDisabled(element) || element.getAttribute('aria-disabled') === 'true') state.disabled = true;
  if (kCheckedRoles.has(role)) {
    const native = element.localName === 'input';
    state.checked = native ? (element.indeterminate ? 'mixed' : element.checked) : tristate(element.getAttribute('aria-checked'));
  }
  if (element.localName === 'option') state.selected = element.selected;
  if (element.localName === 'details') state.expanded = element.open;
  ariaStates(element, state);
  if (element.required || element.getAttribute('aria-required') === 'true') state.required = true;
  if (element.readOnly || element.getAttribute('aria-readonly') === 'true') state.readonly = true;
  if (role === 'heading') state.level = Number(element.getAttribute('aria-level')) || Number(/^h([1-6])$/.exec(element.localName)?.[1]) || 2;
  const isSecret = element.localName === 'input' && element.type === 'password';
  if (['textbox', 'searchbox', 'spinbutton', 'slider', 'combobox'].includes(role) && typeof element.value === 'string' && !isSecret) {
    state.value = clean(element.value);
  }
  if (element === focused) state.focused = true;
  return state;
};

class Outliner {
  constructor() {
    this.nodes = 0;
    this.size = 0;
  }

  isFull() { return this.nodes > kMostNodes || this.size > kMostCharacters; }

  // `frame`: {x, y} of the document's corner in the viewport, and whether its elements can be named by refs.
  childrenOf(parent, frame, depth) {
    const found = [];
    for (const node of shownChildren(parent)) {
      if (this.isFull() || depth > kMostDepth) break;
      if (node.nodeType === Node.TEXT_NODE) this.addText(found, node);
      if (node.nodeType === Node.ELEMENT_NODE) found.push(...this.nodesOf(node, frame, depth + 1));
    }
    return found;
  }

  addText(found, node) {
    const text = squeezed(node.data);
    const holder = node.parentElement || node.getRootNode().host;
    if (!text || (holder && styleOf(holder).visibility !== 'visible')) return;
    this.size += text.length;
    const last = found[found.length - 1];
    if (last && last.role === 'text') {
      last.name += ' ' + clean(text);
    } else {
      ++this.nodes;
      found.push({role: 'text', name: clean(text)});
    }
  }

  nodesOf(element, frame, depth) {
    const style = styleOf(element);
    if (!isShown(element, style) || element.getAttribute('aria-hidden') === 'true' || element.inert) return [];
    const role = roleOf(element);
    const isTransparent = role === 'generic' || role === 'presentation' || style.visibility !== 'visible';
    if (isTransparent) return this.childrenOf(element, frame, depth);
    ++this.nodes;
    return [this.nodeOf(element, role, frame, depth)];
  }

  nodeOf(element, role, frame, depth) {
    const name = clean(nameOf(element));
    this.size += name.length + 80;
    const node = frame.named ? {ref: refOf(element), role, name} : {role, name};
    const state = stateOf(element, role, frame.focused);
    if (Object.keys(state).length > 0) node.state = state;
    const box = element.getBoundingClientRect();
    node.box = {x: Math.round(box.x + frame.x), y: Math.round(box.y + frame.y), width: Math.round(box.width), height: Math.round(box.height)};
    const children = this.inside(element, frame, depth);
    // The text of what is named by its content has been said.
    const unsaid = kNamedByContent.has(role) ? children.filter((child) => child.role !== 'text') : children;
    if (unsaid.length > 0) node.children = unsaid;
    return node;
  }

  inside(element, frame, depth) {
    if (element.localName === 'svg' || element.localName === 'textarea') return [];
    if (element.localName !== 'iframe' && element.localName !== 'frame') return this.childrenOf(element, frame, depth);
    const content = documentInside(element);
    if (!content || !content.body) return [];
    const corner = contentCorner(element);
    return this.childrenOf(content.body, {x: frame.x + corner.x, y: frame.y + corner.y, named: false, focused: null}, depth);
  }
}

calls.outline = () => {
  const frame = {x: 0, y: 0, named: true, focused: activeElement()};
  const root = {role: 'document', name: clean(document.title)};
  const children = document.body ? new Outliner().childrenOf(document.body, frame, 0) : [];
  if (children.length > 0) root.children = children;
  return JSON.stringify(root);
};
