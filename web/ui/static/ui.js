// What pages do besides, where there is JavaScript: dialogs, shortcuts, the fields
// that belong to an answer. Everything works without it.
(() => {
  'use strict';
  const $ = (selector, root = document) => root.querySelector(selector);
  const dialog = () => $('#dialog');
  if (!CSS.supports('selector(:has(*))')) document.documentElement.classList.add('no-has');

  const show = (address, source) => htmx.ajax('GET', address, { target: '#dialog-body', select: '#form', swap: 'innerHTML', source })
    .then(() => { if (!dialog().open) dialog().showModal(); });

  document.addEventListener('suivi:show', event => show(event.detail.address, event.detail.source));

  // Dialogs: the same page as without JavaScript, of which the form alone is shown.
  document.addEventListener('click', event => {
    const link = event.target.closest('a[data-dialog]');
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey && event.button === 0) {
      event.preventDefault();
      show(link.getAttribute('href'), link);
      return;
    }
    if (event.target.closest('dialog [data-close]')) {
      event.preventDefault();
      dialog().close();
    } else if (event.target === dialog() || event.target === $('#shortcuts')) {
      event.target.close();
    }
    for (const open of document.querySelectorAll('details.drop[open]')) {
      if (!open.contains(event.target)) open.open = false;
    }
  });

  // What somebody has opened or closed stays so while they look at the page, though its
  // parts are taken anew.
  const folds = new Map();
  const foldKey = fold => location.pathname + ' ' + fold.id;
  document.addEventListener('click', event => {
    const summary = event.target.closest('.fold > summary');
    if (summary && summary.parentElement.id) folds.set(foldKey(summary.parentElement), !summary.parentElement.open);
  });
  const foldAgain = () => {
    for (const fold of document.querySelectorAll('.fold[id]')) if (folds.has(foldKey(fold))) fold.open = folds.get(foldKey(fold));
  };
  document.addEventListener('htmx:afterSwap', foldAgain);
  document.addEventListener('htmx:oobAfterSwap', foldAgain);

  // A form in the dialog that was refused comes back there; one that was carried out ends it.
  document.addEventListener('htmx:beforeSwap', event => {
    const { xhr, requestConfig } = event.detail;
    if (!requestConfig.elt.closest || !requestConfig.elt.closest('#dialog')) return;
    if (xhr.status >= 400) {
      event.detail.target = $('#dialog-body');
      event.detail.selectOverride = '#form';
      event.detail.swapOverride = 'innerHTML';
    } else {
      dialog().close();
    }
  });
  document.addEventListener('htmx:afterSwap', event => {
    const page = $('#page');
    if (page && page.dataset.title) document.title = page.dataset.title;
    const alert = $('#alert', event.detail.elt.ownerDocument);
    if (alert && event.detail.target.id !== 'similar') alert.scrollIntoView({ block: 'nearest' });
    at = -1;
  });
  document.addEventListener('htmx:sendError', event => {
    const parts = ['fields', 'live', 'preview', 'similar']; // a form that is sent meanwhile ends these; it must not be lost
    if (!event.detail.target || !parts.includes(event.detail.target.id)) location.reload();
  });

  document.addEventListener('submit', event => {
    const question = event.target.dataset.confirm;
    if (question && !confirm(question)) event.preventDefault();
  }, true);
  document.addEventListener('htmx:confirm', event => {
    const question = event.detail.elt.dataset && event.detail.elt.dataset.confirm;
    if (question) event.preventDefault();
    if (question && confirm(question)) event.detail.issueRequest(true);
  });

  // Fields that are asked by another one's answer.
  document.addEventListener('change', event => {
    const field = event.target.closest('[data-decides]');
    const form = event.target.closest('form');
    if (!field || !form || form.id !== 'post' && form.id !== 'try') return;
    bring(form, '#fields', 'refresh', event.target.id);
  });

  // A form with a preview of what it makes: what decides over its parts brings those as well.
  document.addEventListener('change', event => {
    const form = event.target.closest('form[data-live]');
    if (!form) return;
    const decides = event.target.closest('[data-decides]') && !event.target.closest('#preview');
    bring(form, decides ? '#live' : '#preview', 'look', document.activeElement.id || event.target.id);
  });

  // bring has a part of the form made anew from what is in it. The focus goes back to where
  // it was when that part went with it; who types elsewhere by then is not disturbed.
  function bring(form, part, what, focus) {
    const values = {};
    for (const [name, value] of new FormData(form)) {
      if (typeof value !== 'string') continue;
      values[name] = name in values ? [].concat(values[name], value) : value;
    }
    values.do = what;
    htmx.ajax('POST', form.getAttribute('action'), { target: part, select: part, swap: 'outerHTML', values })
      .then(() => { const back = document.getElementById(focus); if (back && document.activeElement === document.body) back.focus(); });
  }

  // The slider of a ticket as it was.
  document.addEventListener('change', event => {
    if (event.target.matches('.slide input')) event.target.form.requestSubmit();
  });

  // Shortcuts.
  let at = -1;
  let before = '';
  const rows = () => [...document.querySelectorAll('[data-row]')];
  const go = step => {
    const all = rows();
    if (!all.length) return;
    if (all[at]) all[at].classList.remove('at');
    at = Math.min(Math.max(at + step, 0), all.length - 1);
    all[at].classList.add('at');
    $('a.open', all[at]).focus({ preventScroll: true });
    all[at].scrollIntoView({ block: 'nearest' });
  };
  const to = address => { location.assign(address); };
  const deeds = {
    '?': () => { const list = $('#shortcuts'); if (list && !list.open) list.showModal(); },
    '/': () => { const find = $('#find'); if (find) { find.focus(); find.select(); } },
    'c': () => to('/new'),
    'g d': () => to('/'),
    'g t': () => to('/tickets'),
    'g p': () => to('/profile'),
    'j': () => go(1),
    'k': () => go(-1),
    'x': () => { const box = rows()[at] && $('input[name=ticket]', rows()[at]); if (box) box.click(); },
    'e': () => { const edit = $('a[data-key=e]'); if (edit) edit.click(); },
    'm': () => { const body = $('#body'); if (body) body.focus(); },
  };
  document.addEventListener('keydown', event => {
    if (!('keys' in document.body.dataset) || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target.closest('input:not([type=checkbox]), select, textarea, dialog[open]')) return;
    const key = before ? before + ' ' + event.key : event.key;
    before = event.key === 'g' && !before ? 'g' : '';
    if (event.key === 'Enter' && rows()[at] && event.target === document.body) $('a.open', rows()[at]).click();
    if (!deeds[key]) return;
    event.preventDefault();
    deeds[key]();
  });
})();
