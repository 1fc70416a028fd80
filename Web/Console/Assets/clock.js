// Times of day as the node writes them, in UTC, or in this browser's zone. Only what is read changes: files, links and forms keep UTC and its Z.
const root = document.documentElement;
const button = document.querySelector('[data-clock-switch]');
const two = number => String(number).padStart(2, '0');

function local(at) {
  const east = -at.getTimezoneOffset(), away = Math.abs(east);
  return `${new Date(at.getTime() + east * 60000).toISOString().slice(0, -1)}${east < 0 ? '-' : '+'}${two(Math.floor(away / 60))}:${two(away % 60)}`;
}

// A title is the whole moment; data-clock says how many signs of the time of day are the text.
function apply() {
  for (const time of document.querySelectorAll('time[datetime]')) {
    const at = new Date(time.dateTime);
    if (Number.isNaN(at.getTime())) continue;
    const text = root.dataset.clock === 'local' ? local(at) : at.toISOString();
    if (time.title && time.title !== text) time.title = text;
    const clock = time.dataset.clock && text.slice(11, 11 + Number(time.dataset.clock));
    if (clock && time.textContent !== clock) time.textContent = clock;
  }
  for (const name of document.querySelectorAll('[data-clock-name]')) name.textContent = root.dataset.clock === 'local' ? 'local time' : 'UTC';
}

function choose(clock) {
  root.dataset.clock = clock;
  localStorage.setItem('actorperf-clock', clock);
  button.textContent = clock === 'local' ? 'Local' : 'UTC';
  button.title = clock === 'local' ? "Times are those of this browser's zone. Show UTC" : "Times are UTC. Show those of this browser's zone";
  apply();
}

button.hidden = false;
button.addEventListener('click', () => choose(root.dataset.clock === 'local' ? 'utc' : 'local'));
choose(localStorage.getItem('actorperf-clock') === 'local' ? 'local' : 'utc');
for (const news of ['tick', 'rebuilt']) document.addEventListener(`actorperf:${news}`, () => root.dataset.clock === 'local' && apply());
