// Completion under the search box: the node says what could stand at the caret, this puts it there.
const input = document.querySelector('[data-complete]');
const list = document.getElementById('search-list');
let items = [];
let at = -1;
let shownFor = ''; // what stood in the box when the node was asked: the places in its answer are of that text
let asked = 0;
let timer = 0;

async function ask() {
  const turn = ++asked;
  const url = new URL(input.dataset.complete, location.href);
  url.searchParams.set('q', input.value);
  url.searchParams.set('at', input.selectionStart);
  const answer = await fetch(url, { headers: { accept: 'application/json' } });
  if (!answer.ok || turn !== asked || document.activeElement !== input) return;
  const found = await answer.json();
  shownFor = url.searchParams.get('q');
  // What stands there already is no help.
  show(found.filter(each => input.value.slice(each.from, each.to) !== each.text));
}

function show(found) {
  items = found;
  at = -1;
  list.replaceChildren(...items.map((each, index) => {
    const row = document.createElement('li');
    row.id = `complete-${index}`;
    row.setAttribute('role', 'option');
    row.textContent = each.text;
    row.dataset.kind = each.isField ? 'field' : 'value';
    row.addEventListener('mousedown', event => {
      event.preventDefault(); // the box keeps the focus
      take(index);
    });
    return row;
  }));
  list.hidden = items.length === 0;
  input.setAttribute('aria-expanded', String(!list.hidden));
  mark();
}

function mark() {
  [...list.children].forEach((row, index) => row.setAttribute('aria-selected', String(index === at)));
  list.children[at]?.scrollIntoView({ block: 'nearest' });
  if (at >= 0) input.setAttribute('aria-activedescendant', `complete-${at}`);
  else input.removeAttribute('aria-activedescendant');
}

function take(index) {
  if (input.value !== shownFor) return soon();
  const { text, from, to, isField } = items[index];
  const blank = isField || input.value[to] === ' ' ? '' : ' ';
  input.setRangeText(text + blank, from, to, 'end');
  show([]);
  soon();
}

function soon() {
  clearTimeout(timer);
  timer = setTimeout(() => ask().catch(() => {}), 100); // the search works without suggestions
}

input?.addEventListener('input', () => {
  at = -1;
  mark();
  soon();
});
input?.addEventListener('click', soon);
input?.addEventListener('blur', () => show([]));
input?.addEventListener('keydown', event => {
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (by && items.length > 0) {
    event.preventDefault();
    at = (at + by + items.length + (at < 0 && by < 0 ? 1 : 0)) % items.length;
    mark();
  } else if (by === 1) soon();
  else if ((event.key === 'Enter' || event.key === 'Tab') && at >= 0) {
    event.preventDefault();
    take(at);
  } else if (event.key === 'Tab' && items.length === 1 && !event.shiftKey) {
    event.preventDefault();
    take(0);
  } else if (event.key === 'Escape' && items.length > 0) {
    event.preventDefault();
    event.stopPropagation();
    show([]);
  }
});
