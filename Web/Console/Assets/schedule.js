// Says beside the form what an expression means and when it fires, while it is typed. The node reads it; this only puts the answer there.
const form = document.querySelector('[data-preview]');
const box = document.querySelector('[data-preview-box]');
let timer = 0;
let asked = 0;

async function refresh() {
  const turn = ++asked;
  const url = new URL(form.dataset.preview, location.href);
  url.searchParams.set('cron', form.elements.cron.value);
  url.searchParams.set('timeZone', form.elements.timeZone.value);
  const answer = await fetch(url, { headers: { accept: 'application/json' } });
  if (!answer.ok || turn !== asked) return;
  const { words, ticks, fault } = await answer.json();
  box.toggleAttribute('data-fault', Boolean(fault));
  box.querySelector('[data-preview-words]').textContent = fault ?? words ?? '';
  box.querySelector('[data-preview-ticks]').replaceChildren(...ticks.map(tick => {
    const item = document.createElement('li');
    item.textContent = tick;
    return item;
  }));
}

for (const name of ['cron', 'timeZone']) {
  form?.elements[name]?.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(() => refresh().catch(() => {}), 200); // saving says the same
  });
}
