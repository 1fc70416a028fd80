// Choosing rows: how many are chosen, all of the page, ranges with Shift. The form works without this.
const form = () => document.querySelector('[data-bulk]');
let last = null;

const boxes = () => [...document.querySelectorAll('[data-pick]')];

function tell() {
  const bar = document.querySelector('[data-bulk-bar]');
  if (!bar) return;
  const all = bar.querySelector('[name=all]').checked;
  const chosen = boxes().filter(box => box.checked).length;
  bar.querySelector('[data-bulk-count]').textContent = all ? 'With all that match:' : chosen === 0 ? 'Choose jobs, then:' : `With ${chosen} chosen:`;
  for (const button of bar.querySelectorAll('button')) button.disabled = chosen === 0 && !all;
  bar.toggleAttribute('data-chosen', chosen > 0 || all);
  const head = document.querySelector('[data-pick-all]');
  if (!head) return;
  head.hidden = false;
  head.checked = chosen > 0 && chosen === boxes().length;
  head.indeterminate = chosen > 0 && !head.checked;
}

function range(box) {
  const all = boxes();
  const [from, to] = [all.indexOf(last), all.indexOf(box)].sort((a, b) => a - b);
  if (from >= 0) for (const each of all.slice(from, to + 1)) each.checked = box.checked;
}

document.addEventListener('click', event => {
  const box = event.target.closest?.('[data-pick]');
  if (!box) return;
  if (event.shiftKey && last) range(box);
  last = box;
});

document.addEventListener('change', event => {
  if (!form()?.contains(event.target)) return;
  if (event.target.matches('[data-pick-all]')) for (const box of boxes()) box.checked = event.target.checked;
  tell();
});

document.addEventListener('actorperf:rows', () => queueMicrotask(tell));
document.addEventListener('actorperf:rebuilt', tell);
addEventListener('pageshow', tell); // boxes stay chosen where the browser goes back
tell();
