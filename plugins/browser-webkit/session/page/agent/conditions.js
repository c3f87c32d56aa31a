// What `wait` waits for.

calls.isPresent = ({selector}) => ({ready: findAll(selector).length > 0});
calls.isGone = ({selector}) => ({
  ready: findAll(selector).every((element) => getComputedStyle(element).visibility !== 'visible' || !hasLayout(element)),
});
calls.isSeen = ({selector}) => ({ready: findAll(selector).some(isVisible)});
calls.isAt = ({url}) => ({ready: location.href === url});
calls.urlMatches = ({pattern}) => {
  let expression;
  try {
    expression = new RegExp(pattern);
  } catch (error) {
    throw new BadSelector(String(error.message));
  }
  return {ready: expression.test(location.href)};
};
