// Changes the theme without a round trip; the cookie is the one that the form writes, so the next page comes in the same theme.
const form = document.querySelector('[data-theme-form]');
const root = document.documentElement;

function apply(theme) {
  root.dataset.theme = theme;
  const life = theme === 'system' ? 'max-age=0' : 'max-age=31536000';
  document.cookie = `actorperf-theme=${theme}; path=${form.dataset.path}; samesite=strict; ${life}${location.protocol === 'https:' ? '; secure' : ''}`;
  for (const button of form.elements.namedItem('theme')) button.setAttribute('aria-pressed', button.value === theme);
}

form?.addEventListener('submit', event => {
  event.preventDefault();
  apply(event.submitter.value);
});

document.addEventListener('actorperf:theme', () => {
  const order = ['system', 'light', 'dark'];
  apply(order[(order.indexOf(root.dataset.theme) + 1) % order.length]);
});

// Where the navigation is a strip that scrolls, the page's own entry is in sight.
document.querySelector('nav [aria-current="page"]')?.scrollIntoView({ inline: 'center', block: 'nearest' });
