// What a chart says under the pointer, or with the arrow keys: the numbers that the page holds already, written as the node writes them.
const count = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const few = new Intl.NumberFormat('en-US', { maximumFractionDigits: 2 });
const rate = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 3 });

function duration(seconds) {
  if (seconds <= 0) return '0 s';
  if (seconds < 0.001) return '< 1 ms';
  if (seconds < 0.9995) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes} m ${Math.floor(seconds % 60)} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} m`;
}

// As clock.js shows times.
const clock = at => new Date(document.documentElement.dataset.clock === 'local' ? at - new Date(at).getTimezoneOffset() * 60000 : at).toISOString().slice(11, 19);

const write = {
  count: value => value >= 10 ? count.format(value) : few.format(value),
  persecond: value => `${value >= 100 ? count.format(value) : rate.format(value)}/s`,
  seconds: duration,
};

function unpack(text) {
  return (text ?? '').split(' ').flatMap(part => {
    const [value, times] = part.split('*');
    return Array(Number(times ?? 1)).fill(Number(value));
  });
}

function show(plot, share) {
  const chart = plot.closest('[data-chart]');
  const series = [...plot.querySelectorAll('path[data-points]')].map(path => ({ name: path.dataset.name, tone: path.getAttribute('class'), points: unpack(path.dataset.points) }));
  const total = series[0]?.points.length ?? 0;
  if (total < 2) return;
  const bars = chart.matches('.chart-bars, .chart-histogram');
  const at = Math.min(total - 1, Math.max(0, bars ? Math.floor(share * total) : Math.round(share * (total - 1))));
  const place = bars ? (at + 0.5) / total : at / (total - 1);
  const [cursor, readout] = [plot.querySelector('[data-cursor]'), plot.querySelector('[data-readout]')];
  readout.replaceChildren(head(plot, chart, total, at));
  for (const one of chart.matches('.chart-area') ? series.toReversed() : series) readout.append(line(one, write[chart.dataset.chart](one.points[at])));
  cursor.hidden = readout.hidden = false;
  cursor.style.left = `${place * 100}%`;
  readout.style.left = `${place * 100}%`;
  readout.classList.toggle('left', place > 0.5);
  plot.dataset.at = at;
}

function head(plot, chart, total, at) {
  const strong = document.createElement('b');
  const group = chart.querySelectorAll('.groups span')[at];
  strong.textContent = group ? group.textContent : clock(Date.parse(plot.dataset.until) - (total - 1 - at) * chart.dataset.step * 1000);
  return strong;
}

function line(series, value) {
  const row = document.createElement('span');
  row.className = series.tone;
  row.textContent = `${series.name} ${value}`;
  return row;
}

function hide(plot) {
  for (const part of plot.querySelectorAll('[data-cursor], [data-readout]')) part.hidden = true;
  delete plot.dataset.at;
}

function plotOf(event) {
  return event.target.closest?.('[data-plot]');
}

document.addEventListener('pointermove', event => {
  const plot = plotOf(event);
  for (const other of document.querySelectorAll('[data-plot][data-at]')) if (other !== plot && other !== document.activeElement) hide(other);
  if (!plot) return;
  const box = plot.getBoundingClientRect();
  show(plot, (event.clientX - box.left) / box.width);
});

document.addEventListener('focusin', event => {
  if (event.target.matches?.('[data-plot]')) show(event.target, 1);
});

document.addEventListener('focusout', event => {
  if (event.target.matches?.('[data-plot]')) hide(event.target);
});

document.addEventListener('keydown', event => {
  const step = { ArrowLeft: -1, ArrowRight: 1, Home: -1e6, End: 1e6 }[event.key];
  if (!step || !event.target.matches?.('[data-plot]')) return;
  event.preventDefault();
  const total = unpack(event.target.querySelector('path[data-points]')?.dataset.points).length;
  show(event.target, (Number(event.target.dataset.at ?? total - 1) + step) / (total - 1));
});

function reach() {
  for (const plot of document.querySelectorAll('[data-plot]:not([tabindex])')) {
    plot.tabIndex = 0;
    plot.setAttribute('role', 'group');
    plot.setAttribute('aria-label', `${plot.querySelector('title').textContent}; arrow keys read its values`);
  }
}

// An open table follows its chart: the mean of each minute, as the node writes it.
function refresh() {
  for (const table of document.querySelectorAll('[data-chart-table][open]')) {
    const chart = table.closest('[data-chart]'), plot = chart.querySelector('[data-plot]');
    if (!plot.dataset.until) continue;
    const perMinute = Math.max(1, Math.floor(60 / chart.dataset.step)), rowLength = perMinute * chart.dataset.step * 1000;
    const series = [...table.querySelectorAll('thead th')].slice(1).map(head => unpack([...plot.querySelectorAll('path')].find(path => path.dataset.name === head.textContent)?.dataset.points));
    [...table.querySelectorAll('tbody tr')].forEach((row, back) => {
      const minute = Date.parse(plot.dataset.until) - (back + 1) * rowLength;
      const time = row.querySelector('time');
      [time.dateTime, time.textContent] = [new Date(minute).toISOString(), clock(minute).slice(0, 5)];
      series.forEach((points, at) => {
        const part = points.slice(Math.max(0, points.length - (back + 1) * perMinute), points.length - back * perMinute);
        row.cells[at + 1].textContent = write[chart.dataset.chart](part.reduce((sum, point) => sum + point, 0) / (part.length || 1)).replace('/s', '');
      });
    });
  }
}

reach();
document.addEventListener('toggle', event => event.target.matches?.('[data-chart-table]') && refresh(), true);
document.addEventListener('actorperf:rows', refresh);
document.addEventListener('actorperf:rebuilt', reach);
