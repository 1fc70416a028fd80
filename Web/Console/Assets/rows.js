// Tables whose rows come and go while the page is open. Known rows are patched in place; new ones wait behind a pill
// while somebody is busy in the table, so that nothing moves under the pointer.
const tables = new Map(); // name -> { order, cells: Map(key -> values) }, as the node last told

document.addEventListener('actorperf:rows', ({ detail }) => {
  for (const [name, told] of Object.entries(detail.rows)) learn(name, told, detail.patch);
});

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

// Nobody points at the table, reads in it with the keyboard, has selected in it, or has scrolled into it.
function calm(body) {
  const box = body.closest('table');
  return !box.matches(':hover') && !body.querySelector('[data-pick]:checked') && !box.contains(document.activeElement) && getSelection().isCollapsed && box.getBoundingClientRect().top > 0;
}

function arrange(name, body, patch) {
  const { order, cells } = tables.get(name);
  const rows = new Map([...body.children].map(row => [row.dataset.key, row]));
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
  for (const row of body.children) row.toggleAttribute('data-gone', !cells.has(row.dataset.key));
  const fresh = order.filter(key => !shown.has(key)).length;
  const news = document.querySelector(`[data-news="${name}"]`);
  if (!news) return;
  news.hidden = fresh === 0;
  news.firstElementChild.textContent = `${fresh} new`;
  news.firstElementChild.onclick = () => arrange(name, body, patch);
}
