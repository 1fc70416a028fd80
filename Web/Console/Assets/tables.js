// Heads of lists stay in sight while their rows go by. A table that is wider than its box scrolls in it, which holds its head there too.
const sizes = new ResizeObserver(entries => entries.forEach(({ target }) => fit(target.closest('.table-box'))));

function fit(box) {
  box?.toggleAttribute('data-fits', box.querySelector('table').offsetWidth <= box.clientWidth);
}

function watch() {
  sizes.disconnect();
  for (const table of document.querySelectorAll('.table-box > table[data-table]')) {
    sizes.observe(table);
    sizes.observe(table.parentElement);
  }
}

watch();
document.addEventListener('actorperf:rebuilt', watch);
