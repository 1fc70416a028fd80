// Keeps the lines beside the form in step with what is typed: the server writes them, this only puts them there.
const form = document.querySelector('[data-submit]');
let timer = 0;
let asked = 0;

async function refresh() {
  const turn = ++asked;
  const answer = await fetch(form.dataset.lines, { method: 'POST', body: new URLSearchParams(new FormData(form)) });
  if (!answer.ok || turn !== asked) return;
  const lines = await answer.json();
  for (const code of document.querySelectorAll('[data-call]'))
    if (lines[code.dataset.call] !== undefined) code.textContent = lines[code.dataset.call];
}

form?.addEventListener('input', () => {
  clearTimeout(timer);
  timer = setTimeout(() => refresh().catch(() => {}), 250); // the lines wait; the form works without them
});

form?.addEventListener('submit', event => {
  if (form.dataset.sent) return event.preventDefault(); // a double click sends once
  form.dataset.sent = 'yes';
  event.submitter?.setAttribute('aria-busy', 'true');
});

addEventListener('pageshow', () => form && delete form.dataset.sent);
document.querySelector('.refusal') && document.querySelector('[aria-invalid="true"]')?.focus();
