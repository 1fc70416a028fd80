// The command palette: what this page can do, and places to go, found by a few letters. Ctrl+K or Cmd+K.
const dialog = document.querySelector('[data-palette]');
const input = dialog.querySelector('input');
const list = dialog.querySelector('ul');
let items = [];
let at = 0;
let asked = 0;
let timer = 0;

// Acts of this page that are marked as commands; done by clicking what does them.
function commands() {
  const words = input.value.toLowerCase().split(' ').filter(word => word);
  return [...document.querySelectorAll('main [data-command]')]
    .map(element => ({ kind: 'Here', text: element.dataset.command, run: () => element.click() }))
    .filter(each => words.every(word => each.text.toLowerCase().includes(word)));
}

async function refresh() {
  const turn = ++asked;
  show(commands());
  const url = new URL(dialog.dataset.palette, location.href);
  url.searchParams.set('q', input.value);
  const answer = await fetch(url, { headers: { accept: 'application/json' } });
  if (!answer.ok || turn !== asked) return;
  const found = await answer.json();
  show([...commands(), ...found.map(each => ({ kind: each.kind, text: each.text, run: () => location.assign(each.link) }))]);
}

function show(next) {
  items = next;
  at = 0;
  list.replaceChildren(...items.map((each, index) => {
    const row = document.createElement('li');
    row.id = `palette-${index}`;
    row.setAttribute('role', 'option');
    const kind = document.createElement('span');
    kind.className = 'muted';
    kind.textContent = each.kind;
    const text = document.createElement('b');
    text.textContent = each.text;
    row.append(kind, text);
    row.addEventListener('click', () => run(index));
    return row;
  }));
  mark();
}

function mark() {
  [...list.children].forEach((row, index) => row.setAttribute('aria-selected', index === at));
  list.children[at]?.scrollIntoView({ block: 'nearest' });
  if (items.length > 0) input.setAttribute('aria-activedescendant', `palette-${at}`);
  else input.removeAttribute('aria-activedescendant');
}

function run(index) {
  const chosen = items[index];
  if (!chosen) return;
  dialog.close();
  chosen.run();
}

function open() {
  if (dialog.open) return dialog.close();
  input.value = '';
  dialog.showModal();
  refresh().catch(() => {}); // the page's own commands are there without the node
}

document.addEventListener('keydown', event => {
  if ((event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === 'k') {
    event.preventDefault();
    open();
  }
});

input.addEventListener('input', () => {
  clearTimeout(timer);
  timer = setTimeout(() => refresh().catch(() => {}), 80);
});

input.addEventListener('keydown', event => {
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (by) {
    event.preventDefault();
    at = Math.min(Math.max(at + by, 0), Math.max(items.length - 1, 0));
    mark();
  } else if (event.key === 'Enter') {
    event.preventDefault();
    run(at);
  }
});

dialog.addEventListener('click', event => event.target === dialog && dialog.close());
document.querySelector('[data-palette-open]')?.addEventListener('click', open);
