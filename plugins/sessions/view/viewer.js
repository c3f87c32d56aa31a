'use strict';
// Shows a session as pictures over a WebSocket, and sends what a person does when the token is for control.
// Opened as /view#session=ses_…&token=vwt_…; with &control the picture takes input. What stands behind # is never sent to a server.

const FRAME_HEAD_BYTES = 9;
const WHOLE_PICTURE = 1;
const HOVER_PERIOD_MS = 100;
const TAP_RADIUS = 4;
const MOST_TEXT = 1000;
const LINE_PIXELS = 40;
const NAMED_KEYS = new Set(['Enter', 'Tab', 'Escape', 'Backspace', 'Delete', 'Insert', 'Home', 'End', 'PageUp', 'PageDown', 'ArrowUp', 'ArrowDown',
  'ArrowLeft', 'ArrowRight', 'F1', 'F2', 'F3', 'F4', 'F5', 'F6', 'F7', 'F8', 'F9', 'F10', 'F11', 'F12']);

const form = document.getElementById('open');
const screen = document.getElementById('screen');
const status = document.getElementById('status');
const pen = screen.getContext('2d', { alpha: false });

let socket = null;
let viewport = { width: 0, height: 0 };

function say(text) { status.textContent = text; }

async function show(message) {
  const head = new DataView(message, 0, FRAME_HEAD_BYTES);
  if (head.getUint8(0) !== WHOLE_PICTURE) return;
  const picture = await createImageBitmap(new Blob([new Uint8Array(message, FRAME_HEAD_BYTES)], { type: 'image/jpeg' }));
  viewport = { width: head.getUint16(5), height: head.getUint16(7) };
  if (screen.width !== picture.width || screen.height !== picture.height) {
    screen.width = picture.width;
    screen.height = picture.height;
    screen.style.width = viewport.width + 'px';
  }
  pen.drawImage(picture, 0, 0);
  picture.close();
  screen.hidden = false;
}

function ended(event) {
  socket = null;
  screen.classList.remove('control');
  const why = event.reason || (event.code === 1000 ? 'The session has ended.' : event.code === 1001 ? 'The server is shutting down.' :
    'The connection ended. Is the token still valid? It is good for ten minutes.');
  say(why);
  form.hidden = false;
}

function look(session, token, control) {
  const scheme = location.protocol === 'https:' ? 'wss://' : 'ws://';
  socket = new WebSocket(scheme + location.host + '/v1/sessions/' + encodeURIComponent(session) + '/view?token=' + encodeURIComponent(token));
  socket.binaryType = 'arraybuffer';
  form.hidden = true;
  say('Connecting …');
  let turn = Promise.resolve();  // pictures are shown in the order in which they came
  socket.onopen = () => {
    say(control ? 'You are in control; automation is paused.' : 'Looking on.');
    screen.classList.toggle('control', control);
  };
  socket.onmessage = ({ data }) => {
    if (typeof data === 'string') return say('Not done: ' + JSON.parse(data).detail);
    turn = turn.then(() => show(data)).catch(() => say('A picture could not be shown.'));
  };
  socket.onclose = ended;
}

// ---------------------------------------------------------------- input

function in_control() { return socket !== null && socket.readyState === WebSocket.OPEN && screen.classList.contains('control'); }
function send(input) { if (in_control()) socket.send(JSON.stringify(input)); }

function place(event) {
  const box = screen.getBoundingClientRect();
  const part = (at, length, size) => Math.min(Math.max(at / length, 0), 1) * size;
  return {
    x: Math.round(part(event.clientX - box.left, box.width, viewport.width - 1)),
    y: Math.round(part(event.clientY - box.top, box.height, viewport.height - 1)),
  };
}

let pressed = null;
let hovered_at = 0;
screen.addEventListener('pointerdown', event => {
  if (!in_control() || event.button !== 0) return;
  pressed = place(event);
  screen.setPointerCapture(event.pointerId);
});
screen.addEventListener('pointerup', event => {
  if (pressed === null) return;
  const from = pressed, to = place(event);
  pressed = null;
  if (Math.hypot(to.x - from.x, to.y - from.y) <= TAP_RADIUS) send({ kind: 'tap', x: from.x, y: from.y });
  else send({ kind: 'drag', x: from.x, y: from.y, to_x: to.x, to_y: to.y });
});
screen.addEventListener('pointermove', event => {
  if (pressed !== null || event.timeStamp - hovered_at < HOVER_PERIOD_MS) return;
  hovered_at = event.timeStamp;
  send({ kind: 'hover', ...place(event) });
});
screen.addEventListener('wheel', event => {
  if (!in_control()) return;
  event.preventDefault();
  const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? LINE_PIXELS : event.deltaMode === WheelEvent.DOM_DELTA_PAGE ? viewport.height : 1;
  send({ kind: 'scroll', ...place(event), delta_x: Math.round(event.deltaX * unit), delta_y: Math.round(event.deltaY * unit) });
}, { passive: false });
screen.addEventListener('keydown', event => {
  if (!in_control() || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (NAMED_KEYS.has(event.key)) send({ kind: 'press', key: event.key });
  else if ([...event.key].length === 1) send({ kind: 'type', text: event.key });
  else return;
  event.preventDefault();
});
document.addEventListener('paste', event => {
  if (!in_control() || document.activeElement !== screen) return;
  const text = event.clipboardData.getData('text/plain').slice(0, MOST_TEXT);
  if (text !== '') send({ kind: 'type', text });
  event.preventDefault();
});

// ---------------------------------------------------------------- begin

form.addEventListener('submit', event => {
  event.preventDefault();
  look(document.getElementById('session').value.trim(), document.getElementById('token').value.trim(), asked.has('control'));
});

const asked = new URLSearchParams(location.hash.slice(1));
history.replaceState(null, '', location.pathname);  // a token in the address bar is easily copied on
if (asked.has('session')) document.getElementById('session').value = asked.get('session');
if (asked.has('session') && asked.has('token')) look(asked.get('session'), asked.get('token'), asked.has('control'));
else form.hidden = false;
