// The target of an action: present, visible, usable for its purpose, in view, at rest, not covered.

const kNoTextInputs = ['button', 'checkbox', 'color', 'file', 'hidden', 'image', 'radio', 'range', 'reset', 'submit'];

const isDisabled = (element) => element.matches(':disabled') || element.closest('[inert]') !== null;
const isTextControl = (element) =>
    element.isContentEditable || element.localName === 'textarea' ||
    (element.localName === 'input' && !kNoTextInputs.includes(element.type));

const unusable = (element, why) => ({status: 'unusable', detail: `${describe(element)} ${why}`});

// What stands against this purpose, whatever the place of the element.
const obstacleTo = (purpose, element) => {
  const enabledOnly = purpose !== 'scroll' && purpose !== 'drop';
  if (enabledOnly && isDisabled(element)) return unusable(element, 'is disabled');
  if ((purpose === 'type' || purpose === 'clear') && element.readOnly) return unusable(element, 'is read-only');
  if (purpose === 'clear' && !isTextControl(element)) return unusable(element, 'is no text field');
  if (purpose === 'check' && checkable(element) === null) return unusable(element, 'is neither a check box nor a radio button');
  if (purpose === 'select' && selectOf(element) === null) return unusable(element, 'is no select element');
  return null;
};

// Controls that a page hides behind their label are reached through it.
const reachable = (element) => isVisible(element) ? element : [...element.labels || []].find(isVisible) || null;

calls.locate = async ({selector, purpose}) => {
  listen();
  const element = choose(selector);
  if (!element) return {status: 'absent', detail: 'no element matches'};
  const target = purpose === 'check' || purpose === 'upload' ? reachable(element) : isVisible(element) ? element : null;
  if (!target) return {status: 'hidden', detail: `${describe(element)} is not visible`};
  const obstacle = obstacleTo(purpose, element);
  if (obstacle) return obstacle;
  const place = await whereIs(target);
  if (place.status !== 'ready') return place;
  const active = document.hasFocus() ? activeElement() : null;
  return {...place, focused: !!active && active !== document.body && isInside(active, element)};
};

// Whether keys would reach the target: it, something in it, its control, or any text field that its tap gave the focus to.
calls.takesKeys = ({selector}) => {
  const element = choose(selector);
  const active = document.hasFocus() ? activeElement() : null;
  if (!active) return {ready: false};
  if (element && (isInside(active, element) || element.control === active)) return {ready: true};
  return {ready: isTextControl(active) || document.designMode === 'on'};
};
