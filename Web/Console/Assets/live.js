// Keeps an open page true. One event stream; texts and a few attributes are patched (rows by rows.js),
// and where the page would be built differently now, its regions are fetched again from the same address. Never markup from a frame.
const page = document.body;
const attributes = new Set(['title', 'datetime', 'value', 'max', 'd', 'href', 'data-state', 'data-level', 'data-points', 'data-until', 'aria-label']);
const pulse = document.querySelector('[data-pulse]');
const word = pulse.querySelector('.pulse-word');
const age = pulse.querySelector('.pulse-age');
const pause = pulse.querySelector('[data-pause]');
let source = null;
let heard = Date.now();
let ahead = Date.parse(page.dataset.now) - Date.now(); // the node's clock less ours
let fetched = 0;
let moved = 0;
let wanted = page.dataset.shape;
let paused = sessionStorage.getItem('actorperf-paused') === '1';

function patch(root, mark, values) {
  for (const [name, value] of Object.entries(values)) {
    const at = name.lastIndexOf('@');
    const [key, attribute] = attributes.has(name.slice(at + 1)) ? [name.slice(0, at), name.slice(at + 1)] : [name]; // a key may hold a sign of its own
    for (const element of root.querySelectorAll(`[${mark}="${CSS.escape(key)}"]`)) set(element, attribute, value);
  }
}

function set(element, attribute, value) {
  if (attribute === undefined) {
    if (element.textContent !== (value ?? '')) element.textContent = value ?? '';
  } else if (attributes.has(attribute) && (attribute !== 'href' || value?.startsWith('/'))) {
    if (value === null) element.removeAttribute(attribute);
    else if (element.getAttribute(attribute) !== value) element.setAttribute(attribute, value);
  }
}

// The page is built differently now: take its regions from a fresh copy, unless somebody is busy in them.
async function rebuild() {
  const busy = document.querySelector('[data-region] details.confirm[open], [data-region] [data-pick]:checked, [data-region] :is(input, select, textarea):focus');
  const aiming = Date.now() - moved < 3000 && document.querySelector('[data-region] tbody:hover'); // nothing moves under a pointer that is about to press
  if (busy || aiming || Date.now() - fetched < 2000) return;
  fetched = Date.now();
  const answer = await fetch(location.href, { headers: { accept: 'text/html' } });
  if (answer.redirected) return say('off', 'signed out; reload to sign in');
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html');
  for (const region of document.querySelectorAll('[data-region]')) {
    const from = fresh.querySelector(`[data-region="${region.dataset.region}"]`);
    if (!from) continue;
    for (const detail of region.querySelectorAll('details[id]')) from.querySelector(`#${CSS.escape(detail.id)}`)?.toggleAttribute('open', detail.open);
    const focused = document.activeElement?.id;
    region.replaceChildren(...document.adoptNode(from).childNodes);
    if (focused) document.getElementById(focused)?.focus();
  }
  document.title = fresh.title;
  document.dispatchEvent(new Event('actorperf:rebuilt'));
  page.dataset.shape = fresh.body.dataset.shape;
  if (!fresh.body.dataset.liveUrl) {
    close();
    page.dataset.liveUrl = '';
    say('done', 'final');
  }
}

function onFrame(event) {
  const frame = JSON.parse(event.data);
  alive(frame.now, frame.now, frame.build);
  patch(document, 'data-live', frame.set);
  document.dispatchEvent(new CustomEvent('actorperf:rows', { detail: { rows: frame.rows, patch } })); // rows.js
  wanted = frame.shape;
  tick();
}

function alive(now, asOf, build) {
  ahead = Date.parse(now) - Date.now();
  heard = Date.parse(asOf) - ahead;
  if (build && build !== page.dataset.build) say('stale', 'node updated; reload the page');
  else if (Date.now() - heard < 15000) say('live', 'live');
}

function say(state, text) {
  pulse.dataset.pulse = state;
  if (word.textContent !== text) word.textContent = text;
}

function open() {
  if (source || paused || document.hidden || !page.dataset.liveUrl) return;
  source = new EventSource(page.dataset.liveUrl);
  source.addEventListener('frame', onFrame);
  source.addEventListener('beat', event => {
    const { now, asOf } = JSON.parse(event.data);
    alive(now, asOf);
  });
  source.onerror = () => {
    say('off', 'reconnecting');
    if (source?.readyState !== EventSource.CLOSED) return; // the browser tries again by itself
    close();
    setTimeout(open, 3000);
    fetched = 0;
    rebuild().catch(() => {}); // tells whether the session has ended; a node that is down says so by itself
  };
}

function close() {
  source?.close();
  source = null;
}

function setPaused(value) {
  paused = value;
  sessionStorage.setItem('actorperf-paused', value ? '1' : '0');
  pause.setAttribute('aria-pressed', value);
  pause.textContent = value ? 'Resume' : 'Pause';
  if (value) close();
  say(value ? 'paused' : 'wait', value ? 'paused' : 'connecting');
  open();
}

function relative(moment) {
  const seconds = (Date.now() + ahead - moment) / 1000;
  const whole = Math.floor(Math.abs(seconds));
  if (whole < 1) return 'just now';
  const span = whole < 60 ? `${whole} s` : whole < 3600 ? `${Math.floor(whole / 60)} m` : whole < 86400 ? `${Math.floor(whole / 3600)} h` : `${Math.floor(whole / 86400)} d`;
  return seconds < 0 ? `in ${span}` : `${span} ago`;
}

function tick() {
  if (paused || document.hidden) return; // what stands still is not made to look alive
  for (const time of document.querySelectorAll('time[data-relative]')) set(time, undefined, relative(Date.parse(time.dateTime)));
  const quiet = Date.now() - heard;
  if (quiet > 25000 && pulse.dataset.pulse === 'live') say('stale', 'stale');
  age.textContent = quiet > 15000 ? `${Math.floor(quiet / 1000)} s old` : '';
  document.dispatchEvent(new Event('actorperf:tick'));
  if (wanted !== page.dataset.shape) rebuild().catch(() => {}); // a node that is down: the next tick tries again
}

addEventListener('pointermove', () => { moved = Date.now(); });
pulse.hidden = false;
pause.addEventListener('click', () => setPaused(!paused));
document.addEventListener('visibilitychange', () => document.hidden ? close() : open());
addEventListener('pagehide', close);
addEventListener('pageshow', open);
setInterval(tick, 1000);
setPaused(paused);
