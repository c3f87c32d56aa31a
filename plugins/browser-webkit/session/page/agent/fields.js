// Fields that a page does not name for us: where one searches, and where one logs in. They are answered as references (refs.js).

const kSearchWords = /search|query|find|lookup|^[qs]$|such|recherche|buscar|cerca|zoek/i;
const kUserWords = /user|login|e-?mail|account|identifier|^id$|name|phone|benutzer|konto|utilisateur|usuario/i;

const namesOf = (element) =>
    [element.name, element.id, element.placeholder, element.getAttribute('aria-label'), nameOf(element)].filter(Boolean);
const isNamed = (element, words) => namesOf(element).some((name) => words.test(name));
const hasToken = (element, ...tokens) => (element.getAttribute('autocomplete') || '').toLowerCase().split(/\s+/).some((t) => tokens.includes(t));

const isUsable = (element) => isVisible(element) && isTextControl(element) && !isDisabled(element) && !element.readOnly;
const usableFields = () => allRoots(document).flatMap((root) => [...root.querySelectorAll('input, textarea, [contenteditable]')]).filter(isUsable);
const isPassword = (element) => element.localName === 'input' && element.type === 'password';

const searchScore = (element) => {
  if (element.type === 'search' || roleOf(element) === 'searchbox') return 4;
  if (element.closest('search, [role=search], form[action*="search" i]')) return 3;
  return isNamed(element, kSearchWords) ? 2 : 0;
};
// The first of those that score highest, if any scores at all.
const best = (elements, score) => {
  let found = null, highest = 0;
  for (const element of elements) {
    const points = score(element);
    if (points > highest) [found, highest] = [element, points];
  }
  return found;
};
const asSelector = (element) => element ? 'ref=' + refOf(element) : undefined;

// A page with one text field has no other to search in.
calls.findSearchField = () => {
  const fields = usableFields().filter((element) => !isPassword(element));
  return {selector: asSelector(best(fields, searchScore) || (fields.length === 1 ? fields[0] : null))};
};

const userScore = (element) => {
  if (hasToken(element, 'username')) return 4;
  if (hasToken(element, 'email') || element.type === 'email') return 3;
  return isNamed(element, kUserWords) ? 2 : 0;
};
// Old passwords before new ones: a page may offer to register as well.
const passwordScore = (element) => hasToken(element, 'current-password') ? 3 : hasToken(element, 'new-password') ? 1 : 2;

calls.findLoginFields = () => {
  const fields = usableFields();
  const password = best(fields.filter(isPassword), passwordScore);
  const texts = fields.filter((element) => !isPassword(element) && element.localName === 'input');
  if (!password) return {username: asSelector(best(texts, userScore))};
  const before = texts.slice().filter((element) => fields.indexOf(element) < fields.indexOf(password));
  const together = before.filter((element) => element.form === password.form);
  const near = (together.length > 0 ? together : before).reverse();
  return {username: asSelector(best(near, userScore) || near[0]), password: asSelector(password)};
};

// Whether the field took at least so many UTF-16 units. One that the page has replaced meanwhile cannot be judged.
calls.holdsAll = ({selector, length}) => {
  const element = choose(selector);
  return {ready: !element || textHeldBy(controlOf(element)).length >= length};
};
calls.isPasswordGone = ({selector}) => {
  const found = selector ? findAll(selector) : usableFields().filter(isPassword);
  return {ready: document.readyState === 'complete' && !found.some(isVisible)};
};
