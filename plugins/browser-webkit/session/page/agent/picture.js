// Where an element is, for a picture of it.

calls.pictureBox = ({selector}) => {
  const element = choose(selector);
  if (!element) return {status: 'absent', detail: 'no element matches'};
  if (!isVisible(element)) return {status: 'absent', detail: `${describe(element)} is not visible`};
  element.scrollIntoView({block: 'nearest', inline: 'nearest', behavior: 'instant'});
  const {left, top, width, height} = element.getBoundingClientRect();
  return {status: 'ready', left, top, width, height, page_left: left + scrollX, page_top: top + scrollY};
};
