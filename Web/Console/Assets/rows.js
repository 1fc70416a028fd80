// Tables whose rows come and go while the page is open. Known rows are patched in place; new ones wait behind a pill
// while somebody is busy in the table, so that nothing moves under a pointer that is about to press.
const tables = new Map(); // name -> { order, cells: Map(key -> values) }, as the node last told
const held = new Map(); // name -> what patches it, of tables that were not calm when rows came
let moved = 0;

addEventListener('pointermove', () => { moved = Date.now(); });

document.addEventListener('actorperf:rows', ({ detail }) => {
  for (const [name, told] of Object.entries(detail.rows)) learn(name, told, detail.patch);
});

// A pointer that rests holds nothing back, so the rows come in though nothing new is told.
document.addEventListener('actorperf:tick', () => {
  for (const [name, patch] of held) {
    const body = document.querySelector(`[data-rows="${name}"]`);
    if (body && calm(body)) arrange(name, body, patch);
  }
});

document.addEventListener('actorperf:rebuilt', () => held.clear());

function learn(name, told, patch) {
  const before = tables.get(name)?.cells ?? new Map();
  const cells = new Map(told.order.map(key => [key, { ...before.get(key), ...told.set[key] }]));
  tables.set(name, { order: told.order, cells });
  const body = document.querySelector(`[data-rows="${name}"]`);
  if (!body) return;
  for (const row of body.children) {
    const values = told.set[row.dataset.key];
    if (values) patch(row, 'data-cell', values);
  }
  if (body.hasAttribute('data-tail') || calm(body)) arrange(name, body, patch);
  else tellNews(name, body, patch);
}

// Nobody moves a pointer over the table, or did a moment ago, reads in it with the keyboard, has selected in it, or has scrolled into it.
function calm(body) {
  const box = body.closest('table');
  const aiming = Date.now() - moved < 3000 && box.matches(':hover');
  return !aiming && !body.querySelector('[data-pick]:checked') && !box.contains(document.activeElement) && getSelection().isCollapsed && box.getBoundingClientRect().top > 0;
}

function arrange(name, body, patch) {
  const { order, cells } = tables.get(name);
  const rows = new Map([...body.children].map(row => [row.dataset.key, row]));
  held.delete(name);
  const template = document.querySelector(`[data-template="${name}"]`);
  for (const [key, row] of rows) if (!cells.has(key)) row.remove();
  order.forEach((key, index) => {
    let row = rows.get(key);
    if (!row) {
      row = template.content.firstElementChild.cloneNode(true);
      row.dataset.key = key;
      patch(row, 'data-cell', cells.get(key));
      row.classList.add('arrived');
    }
    row.removeAttribute('data-gone');
    if (body.children[index] !== row) body.insertBefore(row, body.children[index] ?? null);
  });
  const news = document.querySelector(`[data-news="${name}"]`);
  if (news) news.hidden = true;
}

function tellNews(name, body, patch) {
  const { order, cells } = tables.get(name);
  const shown = new Set([...body.children].map(row => row.dataset.key));
  held.set(name, patch);
  for (const row of body.children) row.toggleAttribute('data-gone', !cells.has(row.dataset.key));
  const fresh = order.filter(key => !shown.has(key)).length;
  const news = document.querySelector(`[data-news="${name}"]`);
  if (!news) return;
  news.hidden = fresh === 0;
  news.firstElementChild.textContent = `${fresh} new`;
  news.firstElementChild.onclick = () => arrange(name, body, patch);
}
