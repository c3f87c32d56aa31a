// Where a target is: in view, at rest, not covered.

const kTwoFramesMs = 34;        // at 60 Hz
const kMeasurementGapMs = 100;  // measurements further apart than this say nothing about the time between them
const kMostRects = 8;           // boxes of one element that are tried (a link over several lines has several)

const inViewport = (x, y) => x >= 0 && y >= 0 && x < innerWidth && y < innerHeight;

const clippedCentre = (box) => {
  const left = Math.max(box.left, 0), right = Math.min(box.right, innerWidth);
  const top = Math.max(box.top, 0), bottom = Math.min(box.bottom, innerHeight);
  return right > left && bottom > top ? {x: (left + right) / 2, y: (top + bottom) / 2} : null;
};

const bringIntoView = (element) => {
  const box = element.getBoundingClientRect();
  const x = box.left + box.width / 2, y = box.top + box.height / 2;
  if (!inViewport(x, y)) element.scrollIntoView({block: 'center', inline: 'center', behavior: 'instant'});
};

const elementAt = (x, y) => {
  let hit = document.elementFromPoint(x, y);
  while (hit && hit.shadowRoot) {
    const inner = hit.shadowRoot.elementFromPoint(x, y);
    if (!inner || inner === hit) break;
    hit = inner;
  }
  return hit;
};

const reaches = (hit, target) => {
  if (isInside(hit, target)) return true;
  const label = hit.closest && hit.closest('label');
  return !!label && label.control === target;  // a tap on its label is a tap on the control
};

const hitPoint = (element) => {
  let cover = null;
  for (const box of boxes(element).slice(0, kMostRects)) {
    const point = clippedCentre(box);
    if (!point) continue;
    const hit = elementAt(point.x, point.y);
    if (hit && reaches(hit, element)) return {point};
    cover = cover || hit;
  }
  return {cover};
};

// ---- stability: a box is stable when it was the same over two frames. Waiting for two frames costs 30 ms; it is left out when the page has
// been quiet for that long, or when earlier measurements show it.

let lastChange = performance.now();
const noteChange = () => { lastChange = performance.now(); };
new MutationObserver(noteChange).observe(document, {subtree: true, childList: true, attributes: true, characterData: true});
for (const kind of ['scroll', 'load', 'resize', 'transitionrun', 'animationstart']) {
  window.addEventListener(kind, noteChange, {capture: true, passive: true});
}

let history = null;  // {element, key, since, last}
const measure = (element) => {
  const box = element.getBoundingClientRect();
  const key = [box.left, box.top, box.width, box.height].join();
  const now = performance.now();
  const known = history && history.element === element && history.key === key && now - history.last < kMeasurementGapMs;
  history = known ? {...history, last: now} : {element, key, since: now, last: now};
  return key;
};
const isQuiet = () =>
    performance.now() - lastChange > kTwoFramesMs && !document.getAnimations().some((animation) => animation.playState === 'running');
const nextFrame = () => new Promise((resolve) => requestAnimationFrame(resolve));

const isStable = async (element) => {
  const first = measure(element);
  if (isQuiet() || history.last - history.since >= kTwoFramesMs) return true;
  for (let frame = 0; frame < 2; ++frame) {
    await nextFrame();
    if (measure(element) !== first) return false;
  }
  return true;
};

const whereIs = async (element) => {
  bringIntoView(element);
  if (!await isStable(element)) return {status: 'moving', detail: `${describe(element)} is moving`};
  const {point, cover} = hitPoint(element);
  if (point) return {status: 'ready', x: point.x, y: point.y};
  return {status: 'covered', detail: `${describe(element)} is covered by ${cover ? describe(cover) : 'something outside of the page'}`};
};
