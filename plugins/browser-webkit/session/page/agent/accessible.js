// Role and name of elements, as assistive technology would announce them: WAI-ARIA 1.2, HTML-AAM 1.0 and AccName 1.2, the parts that matter
// for finding and outlining.

const kHeaderScopes = 'article, aside, main, nav, section';
const kInputRoles = {
  button: 'button', checkbox: 'checkbox', color: 'button', email: 'textbox', file: 'button', image: 'button', number: 'spinbutton',
  password: 'textbox', radio: 'radio', range: 'slider', reset: 'button', search: 'searchbox', submit: 'button', tel: 'textbox', text: 'textbox',
  url: 'textbox',
};
const inputRole = (element) => {
  const role = kInputRoles[element.type] || 'textbox';
  return element.hasAttribute('list') && (role === 'textbox' || role === 'searchbox') ? 'combobox' : role;
};
const landmarkOutside = (role) => (element) => element.closest(kHeaderScopes) ? 'generic' : role;
const namedOnly = (role) => (element) =>
    element.hasAttribute('aria-label') || element.hasAttribute('aria-labelledby') ? role : 'generic';
const cellRole = (element) => element.closest('table')?.matches('[role=grid], [role=treegrid]') ? 'gridcell' : 'cell';
const linkRole = (element) => element.hasAttribute('href') ? 'link' : 'generic';

const kTagRoles = {
  a: linkRole, address: 'group', area: linkRole, article: 'article', aside: 'complementary', blockquote: 'blockquote', button: 'button',
  caption: 'caption', code: 'code', datalist: 'listbox', dd: 'definition', del: 'deletion', details: 'group', dfn: 'term', dialog: 'dialog',
  dt: 'term', em: 'emphasis', fieldset: 'group', figure: 'figure', footer: landmarkOutside('contentinfo'), form: namedOnly('form'),
  h1: 'heading', h2: 'heading', h3: 'heading', h4: 'heading', h5: 'heading', h6: 'heading', header: landmarkOutside('banner'), hr: 'separator',
  iframe: 'iframe', img: (element) => element.getAttribute('alt') === '' ? 'presentation' : 'img', input: inputRole, ins: 'insertion',
  li: 'listitem', main: 'main', math: 'math', menu: 'list', meter: 'meter', nav: 'navigation', ol: 'list', optgroup: 'group', option: 'option',
  output: 'status', p: 'paragraph', progress: 'progressbar', search: 'search', section: namedOnly('region'),
  select: (element) => element.multiple || element.size > 1 ? 'listbox' : 'combobox', strong: 'strong', sub: 'subscript', summary: 'button',
  sup: 'superscript', svg: 'img', table: 'table', tbody: 'rowgroup', td: cellRole, textarea: 'textbox', tfoot: 'rowgroup',
  th: (element) => element.scope === 'row' ? 'rowheader' : 'columnheader', thead: 'rowgroup', time: 'time', tr: 'row', ul: 'list',
};

const roleOf = (element) => {
  const [given] = squeezed(element.getAttribute('role') || '').toLowerCase().split(' ');
  if (given) return given === 'none' ? 'presentation' : given === 'image' ? 'img' : given;
  const known = Object.hasOwn(kTagRoles, element.localName) ? kTagRoles[element.localName] : 'generic';
  return typeof known === 'function' ? known(element) : known;
};

// Whether assistive technology would see the element at all.
const isExposed = (element) => {
  for (let at = element; at; at = composedParent(at)) {
    if (at.nodeType === Node.ELEMENT_NODE && (at.getAttribute('aria-hidden') === 'true' || at.inert)) return false;
  }
  return hasLayout(element) && getComputedStyle(element).visibility === 'visible';
};

const kNamedByContent = new Set([
  'button', 'cell', 'checkbox', 'columnheader', 'gridcell', 'heading', 'link', 'menuitem', 'menuitemcheckbox', 'menuitemradio', 'option',
  'radio', 'row', 'rowheader', 'switch', 'tab', 'tooltip', 'treeitem',
]);
const kButtonDefaults = {submit: 'Submit', reset: 'Reset', image: 'Submit'};

// The text of what is inside, controls and pictures by their own names.
const contentName = (element) => {
  let text = '';
  for (const node of (element.shadowRoot || element).childNodes) {
    if (node.nodeType === Node.TEXT_NODE) text += node.data;
    if (node.nodeType !== Node.ELEMENT_NODE || node.matches('script, style, template, [aria-hidden=true]') || !hasLayout(node)) continue;
    const inline = getComputedStyle(node).display.startsWith('inline');
    const part = ownName(node) || contentName(node);
    text += inline ? part : ` ${part} `;
  }
  return squeezed(text);
};

const nativeName = (element) => {
  if (element.labels && element.labels.length > 0) return squeezed([...element.labels].map((label) => label.textContent).join(' '));
  switch (element.localName) {
    case 'input':
      if (['button', 'submit', 'reset'].includes(element.type)) return element.value || kButtonDefaults[element.type] || '';
      if (element.type === 'image') return element.alt || element.value || kButtonDefaults.image;
      return '';
    case 'img':
    case 'area':
      return element.alt || '';
    case 'fieldset':
      return element.querySelector(':scope > legend')?.textContent || '';
    case 'table':
      return element.caption?.textContent || '';
    case 'figure':
      return element.querySelector(':scope > figcaption')?.textContent || '';
    case 'svg':
      return element.querySelector(':scope > title')?.textContent || '';
    case 'iframe':
      return element.title || '';
    default:
      return '';
  }
};

const ownName = (element) => {
  const byId = (element.getAttribute('aria-labelledby') || '').split(/\s+/).filter(Boolean);
  const root = element.getRootNode();
  const labelled = byId.map((id) => root.getElementById?.(id)?.textContent || '').join(' ');
  return squeezed(labelled) || squeezed(element.getAttribute('aria-label') || '') || squeezed(nativeName(element));
};

const nameOf = (element) => {
  const own = ownName(element) || (kNamedByContent.has(roleOf(element)) ? contentName(element) : '');
  return own || squeezed(element.getAttribute('title') || element.getAttribute('placeholder') || '');
};
