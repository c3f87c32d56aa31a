// Frames below the top document. The session process can run code in the top document only; every other frame therefore asks it for work:
// one message of its own is always waiting for a reply, which names a call, and the next message carries the answer.

const kFrameId = [...crypto.getRandomValues(new Uint32Array(4))].map((word) => word.toString(16)).join('');

const indexInParent = (frame) => {
  for (let index = 0; index < frame.parent.length; ++index) {
    if (frame.parent[index] === frame) return index;
  }
  return -1;
};
const framePath = () => {
  const path = [];
  for (let frame = window; frame !== frame.top; frame = frame.parent) path.unshift(indexInParent(frame));
  return path;
};

// In whole segments: /pay is a prefix of /pay and of /pay/now, not of /payment.
const hasPathPrefix = (path, prefix) => (path + '/').startsWith(prefix.endsWith('/') ? prefix : prefix + '/');
const isMatch = ({host, path_prefix: prefix, query}) => {
  if (location.hostname.toLowerCase() !== host.toLowerCase()) return false;
  if (prefix !== undefined && !hasPathPrefix(location.pathname, prefix)) return false;
  const given = new URLSearchParams(location.search);
  return Object.entries(query || {}).every(([name, value]) => given.getAll(name).includes(value));
};
calls.frameFacts = ({match}) => ({matches: isMatch(match), path: framePath()});

const frameElementAt = (index) => {
  const child = window[index];
  for (const root of allRoots(document)) {
    for (const element of root.querySelectorAll('iframe, frame, object, embed')) {
      if (element.contentWindow === child) return element;
    }
  }
  return null;
};
const contentCorner = (element) => {
  const box = element.getBoundingClientRect(), style = getComputedStyle(element);
  return {x: box.left + element.clientLeft + parseFloat(style.paddingLeft), y: box.top + element.clientTop + parseFloat(style.paddingTop)};
};
// Where a point of a child frame is in this one; in view and not covered.
calls.pointOfChild = async ({index, x, y}) => {
  const element = frameElementAt(index);
  if (!element) return {status: 'absent', detail: 'the frame is gone'};
  let corner = contentCorner(element);
  if (!inViewport(corner.x + x, corner.y + y)) {
    element.scrollIntoView({block: 'nearest', inline: 'nearest', behavior: 'instant'});
    corner = contentCorner(element);
    window.scrollBy({left: corner.x + x - innerWidth / 2, top: corner.y + y - innerHeight / 2, behavior: 'instant'});
  }
  if (!await isStable(element)) return {status: 'moving', detail: `${describe(element)} is moving`};
  corner = contentCorner(element);
  const point = {x: corner.x + x, y: corner.y + y};
  const hit = inViewport(point.x, point.y) ? elementAt(point.x, point.y) : null;
  if (hit === element) return {status: 'ready', ...point};
  return {status: 'covered', detail: `${describe(element)} is covered by ${hit ? describe(hit) : 'something outside of the page'}`};
};

const serveSession = async () => {
  const session = window.webkit.messageHandlers.driftstackFrames;
  let answer = {};
  for (;;) {
    let request;
    try {
      request = JSON.parse(await session.postMessage(JSON.stringify({frame: kFrameId, ...answer})));
    } catch {
      return;  // the session process forgot this frame: its document is gone
    }
    try {
      answer = {id: request.id, text: await globalThis.driftstack(request.name, request.args)};
    } catch (error) {
      answer = {id: request.id, error: String(error)};
    }
  }
};
