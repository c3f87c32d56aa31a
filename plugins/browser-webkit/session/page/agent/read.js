// Reading: extraction, state, the document and its size.

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

calls.extract = ({extractions}) => {
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

calls.facts = () => ({title: clean(document.title), local_storage: localStorageItems()});

calls.html = () => {
  const doctype = document.doctype ? new XMLSerializer().serializeToString(document.doctype) + '\n' : '';
  return doctype + (document.documentElement ? document.documentElement.outerHTML : '');
};

calls.size = () => {
  const root = document.scrollingElement || document.documentElement;
  return {width: Math.max(root ? root.scrollWidth : 0, innerWidth), height: Math.max(root ? root.scrollHeight : 0, innerHeight)};
};
