// Single keys: places after g, rows by j and k, choosing by x, acts by their own letter, and a list of them all.
// Silent while somebody types or holds a modifier, and off for who turned them off.
const dialog = document.querySelector('[data-keys]');
const toggle = dialog.querySelector('[data-keys-on]');
let afterG = 0;
let row = null;

const on = () => localStorage.getItem('actorperf-keys') !== 'off';

// What a row is walked by; one without anything to open or to press is passed over.
const handle = row => row.querySelector('td a, th a') ?? row.querySelector('input, button, summary');

function rows() {
  return [...document.querySelectorAll('[data-table] > tbody > tr')].filter(handle);
}

function step(by) {
  const all = rows();
  if (all.length === 0) return;
  const at = all.findIndex(each => each.contains(document.activeElement));
  const from = at < 0 ? all.indexOf(row) : at;
  const next = from < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(from + by, 0), all.length - 1);
  row = all[next];
  handle(row).focus();
}

function choose() {
  const at = rows().find(each => each.contains(document.activeElement)) ?? row;
  at?.querySelector('[data-pick]')?.click();
}

function chooseAll() {
  const all = document.querySelector('[data-pick-all]');
  if (all && !all.hidden) all.click();
}

function go(key) {
  document.querySelector(`nav a[data-key="${CSS.escape(key)}"]`)?.click();
}

const focusOn = selector => {
  const found = document.querySelector(selector);
  found?.focus();
  return found;
};

const actions = {
  j: () => step(1),
  k: () => step(-1),
  x: choose,
  a: chooseAll,
  A: () => document.querySelector('[data-bulk-bar] [name=all]')?.click(),
  b: () => focusOn('[data-bulk-bar] button:not([disabled])'),
  p: () => document.querySelector('[data-pause]')?.click(),
  t: () => document.dispatchEvent(new Event('actorperf:theme')),
  u: () => document.querySelector('.crumb a:last-of-type')?.click(),
  '[': () => document.querySelector('a[rel=prev]')?.click(),
  ']': () => document.querySelector('a[rel=next]')?.click(),
  '/': () => focusOn('[data-search]')?.select(),
  '?': () => dialog.open ? dialog.close() : dialog.showModal(),
};

// An act of this page by its letter. A question opens; what asks nothing is done.
function act(key) {
  const found = document.querySelector(`main [data-act="${CSS.escape(key)}"]`);
  if (!found) return false;
  found.click();
  return true;
}

document.addEventListener('keydown', event => {
  if (event.ctrlKey || event.metaKey || event.altKey || !on()) return;
  if (event.target.closest?.('textarea, select, input:not([type=checkbox])') || document.querySelector('dialog[data-palette][open]')) return;
  const second = Date.now() - afterG < 1500;
  afterG = 0;
  if (second) return go(event.key);
  if (event.key === 'g') afterG = Date.now();
  else if (Object.hasOwn(actions, event.key)) {
    event.preventDefault();
    actions[event.key]();
  } else if (event.key.length === 1 && act(event.key)) event.preventDefault();
});

toggle.checked = on();
toggle.addEventListener('change', () => localStorage.setItem('actorperf-keys', toggle.checked ? 'on' : 'off'));
document.querySelector('[data-keys-open]')?.addEventListener('click', () => dialog.showModal());
