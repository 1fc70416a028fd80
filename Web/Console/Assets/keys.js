// Single keys: places after g, rows by j and k, and a list of them all. Silent while somebody types or holds a modifier.
const dialog = document.querySelector('[data-keys]');
let afterG = 0;

function rows() {
  return [...document.querySelectorAll('[data-table] tbody tr')];
}

function step(by) {
  const all = rows();
  if (all.length === 0) return;
  const at = all.findIndex(row => row.contains(document.activeElement));
  const next = at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + by, 0), all.length - 1);
  all[next].querySelector('a')?.focus();
}

function go(key) {
  document.querySelector(`nav a[data-key="${CSS.escape(key)}"]`)?.click();
}

const actions = {
  j: () => step(1),
  k: () => step(-1),
  p: () => document.querySelector('[data-pause]')?.click(),
  t: () => document.dispatchEvent(new Event('actorperf:theme')),
  '/': () => document.querySelector('[data-search]')?.focus(),
  '?': () => dialog.open ? dialog.close() : dialog.showModal(),
};

document.addEventListener('keydown', event => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.('input, textarea, select')) return;
  const second = Date.now() - afterG < 1500;
  afterG = 0;
  if (second) return go(event.key);
  if (event.key === 'g') afterG = Date.now();
  else if (Object.hasOwn(actions, event.key)) {
    event.preventDefault();
    actions[event.key]();
  }
});
