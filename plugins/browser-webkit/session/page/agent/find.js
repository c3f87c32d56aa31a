// Selectors: CSS, `text=…`, `role=…[name=…]` and `ref=e12`; open shadow roots are searched too.
//
//   text=Save          the innermost elements whose text contains it, case and white space aside;  text="Save" is the whole text, exactly
//   role=button        elements with that role that are exposed;  [name=Save] contains, [name="Save"] is the whole name, exactly

class BadSelector extends Error {}

const kRefSelector = /^ref=(e[0-9]+)$/;
const kRoleSelector = /^role=([a-z]+)(?:\[name=(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|([^\]"']+))\])?$/s;
const kQuotedText = /^(?:"(.*)"|'(.*)')$/s;
const kNoText = 'script, style, noscript, template, head';

const allRoots = (root) => [root, ...(root.shadowRoot ? [root.shadowRoot, ...openRoots(root.shadowRoot)] : []), ...openRoots(root)];

// Text content without what is never shown, and with the captions of input buttons.
const shownText = (element) => {
  if (element.localName === 'input') return ['button', 'submit', 'reset'].includes(element.type) ? element.value : '';
  if (!element.querySelector(kNoText + ', input')) return element.textContent;
  let text = '';
  for (const node of element.childNodes) {
    if (node.nodeType === Node.TEXT_NODE) text += node.data;
    if (node.nodeType === Node.ELEMENT_NODE && !node.matches(kNoText)) text += shownText(node);
  }
  return text;
};
const textOf = (element) => squeezed(shownText(element));

// `wanted`: a test of a whole text; `may`: a test that every text around a wanted one passes.
const innermostWith = (root, may, wanted) => {
  const found = [];
  const visit = (element) => {
    if (element.matches(kNoText) || !may(textOf(element))) return false;
    let deeper = false;
    for (const child of element.children) deeper = visit(child) || deeper;
    if (!deeper && wanted(textOf(element))) found.push(element);
    return true;
  };
  for (const child of root.children) visit(child);
  return found;
};

const textMatcher = (given) => {
  const quoted = kQuotedText.exec(given);
  const needle = squeezed(quoted ? quoted[1] ?? quoted[2] : given);
  if (!needle) throw new BadSelector('text= needs a text');
  const folded = needle.toLowerCase();
  const contains = (text) => text.toLowerCase().includes(folded);
  const find = (root) => innermostWith(root, contains, quoted ? (text) => text === needle : contains);
  return find;
};

const unescaped = (text) => squeezed(text.replace(/\\(.)/gs, '$1'));

const roleMatcher = (selector) => {
  const parts = kRoleSelector.exec(selector);
  if (!parts) throw new BadSelector('role= takes the form role=button[name="Save"]');
  const [, role, double, single, plain] = parts;
  const exact = double ?? single;
  const hasName = exact !== undefined ? (name) => name === unescaped(exact)
      : plain !== undefined ? (name) => name.toLowerCase().includes(squeezed(plain).toLowerCase())
      : null;
  const fits = (element) => roleOf(element) === role && isExposed(element) && (!hasName || hasName(nameOf(element)));
  return (root) => [...root.querySelectorAll('*')].filter(fits);
};

const cssMatcher = (selector) => (root) => {
  try {
    return root.querySelectorAll(selector);
  } catch (error) {
    throw new BadSelector(String(error.message));
  }
};

const findAll = (selector, root = document) => {
  if (selector.startsWith('ref=')) {
    const parts = kRefSelector.exec(selector);
    if (!parts) throw new BadSelector('ref= takes a reference of an accessibility capture, like ref=e12');
    const element = elementOfRef(parts[1]);
    return element && isInside(element, root) ? [element] : [];
  }
  const matcher = selector.startsWith('text=') ? textMatcher(selector.slice('text='.length))
      : selector.startsWith('role=') ? roleMatcher(selector)
      : cssMatcher(selector);
  const found = [];
  for (const each of allRoots(root)) found.push(...matcher(each));
  return found;
};

// The one that an action is about: the first that can be seen.
const choose = (selector) => {
  const found = findAll(selector);
  return found.find(isVisible) || found[0] || null;
};
