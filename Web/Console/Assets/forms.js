// Menus and questions: one open at a time, closed by Escape or a click beside, the first thing in it focused. A form is sent once.
const menus = () => [...document.querySelectorAll('details[data-menu][open]')];

document.addEventListener('toggle', event => {
  const menu = event.target;
  if (!menu.matches?.('details[data-menu]') || !menu.open) return;
  for (const other of menus()) if (other !== menu && !other.contains(menu)) other.open = false;
  menu.querySelector('.fault')?.previousElementSibling?.focus();
  if (!menu.contains(document.activeElement) || document.activeElement === menu.firstElementChild)
    menu.querySelector('form textarea, form input:not([type=hidden]), form .button, .menu-body a')?.focus();
}, true);

document.addEventListener('keydown', event => {
  if (event.key !== 'Escape') return;
  for (const menu of menus()) {
    const inside = menu.contains(document.activeElement);
    menu.open = false;
    if (inside) menu.querySelector('summary').focus();
  }
});

document.addEventListener('click', event => {
  for (const menu of menus()) if (!menu.contains(event.target)) menu.open = false;
});

document.addEventListener('submit', event => {
  const form = event.target;
  if (!form.matches('[data-once]')) return;
  if (form.dataset.sent) return event.preventDefault(); // a double click sends once
  form.dataset.sent = 'yes';
  event.submitter?.setAttribute('aria-busy', 'true');
});

addEventListener('pageshow', () => {
  for (const form of document.querySelectorAll('[data-once]')) delete form.dataset.sent;
});

// A question asked on a page of its own: Enter answers it, everything else is a link away.
document.querySelector('[data-default]')?.focus();
