// What form controls hold, and what is left to do to bring them into a wanted state. Input does it, with the exceptions that say so.

const controlOf = (element) => element.localName === 'label' && element.control ? element.control : element;

const kCheckableRoles = ['checkbox', 'switch', 'radio', 'menuitemcheckbox', 'menuitemradio'];
// {checked, radio}, or null for what cannot be checked.
const checkable = (element) => {
  const control = controlOf(element);
  if (control.localName === 'input' && ['checkbox', 'radio'].includes(control.type)) {
    return {checked: control.checked, radio: control.type === 'radio'};
  }
  const role = roleOf(control);
  if (!kCheckableRoles.includes(role)) return null;
  return {checked: control.getAttribute('aria-checked') === 'true', radio: role.endsWith('radio')};
};
calls.checkState = ({selector}) => {
  const element = choose(selector);
  return {state: (element && checkable(element)) || undefined};
};

const selectOf = (element) => {
  const control = controlOf(element);
  return control.localName === 'select' ? control : null;
};
// Options by value: their places in the list, and whether the select holds exactly these.
calls.selectPlan = ({selector, values}) => {
  const element = choose(selector);
  const select = element && selectOf(element);
  if (!select) return {missing: values[0], multiple: true, menu: false, options: [], done: false};
  const options = [...select.options];
  const wanted = values.map((value) => options.findIndex((option) => option.value === value && !option.matches(':disabled')));
  const missing = wanted.indexOf(-1);
  const chosen = options.flatMap((option, index) => option.selected ? [index] : []);
  return {
    missing: missing >= 0 ? values[missing] : undefined,
    multiple: select.multiple,
    menu: !select.multiple && select.size <= 1,
    options: wanted.filter((index) => index >= 0).map((index) => ({index, label: squeezed(options[index].label)})),
    done: missing < 0 && chosen.length === new Set(wanted).size && chosen.every((index) => wanted.includes(index)),
  };
};
// For a list box, whose options the engine gives no reliable way to tap. The events are not trusted.
calls.setOptions = ({selector, indexes}) => {
  const element = choose(selector);
  const select = element && selectOf(element);
  if (!select) return {ready: false};
  select.focus();
  [...select.options].forEach((option, index) => { option.selected = indexes.includes(index); });
  for (const kind of ['input', 'change']) select.dispatchEvent(new Event(kind, {bubbles: true, composed: kind === 'input'}));
  return {ready: true};
};

const textHeldBy = (element) => 'value' in element ? element.value : element.textContent;
calls.isEmpty = ({selector}) => {
  const element = choose(selector);
  return {ready: !!element && textHeldBy(controlOf(element)) === ''};
};
// Marks the whole text of the focused field, so that one key removes it.
calls.selectContents = () => {
  const active = activeElement();
  if (!active) return {ready: false};
  if (typeof active.select === 'function') {
    active.select();
  } else {
    getSelection().selectAllChildren(active);
  }
  return {ready: true};
};

// What `upload` is about: the file field itself, or a thing that opens one when it is tapped.
calls.fileField = ({selector}) => {
  const element = choose(selector);
  const control = element && controlOf(element);
  if (!control) return {found: false, is_field: false, multiple: false, reachable: false, disabled: false};
  const isField = control.localName === 'input' && control.type === 'file';
  return {
    found: true, is_field: isField, multiple: isField && control.multiple, reachable: reachable(element) !== null,
    disabled: isDisabled(control),
  };
};
// For a file field that neither shows itself nor a label: nothing that a person could tap.
calls.openChooser = ({selector}) => {
  const element = choose(selector);
  if (element) controlOf(element).click();
  return {ready: !!element};
};
