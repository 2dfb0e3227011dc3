// What somebody types in a form stays in their browser until it is sent: it survives a
// reload, a closed tab and a session that ended. It is kept under the person and the
// form, and goes with the sending, with signing out, and when somebody else signs in.
(() => {
  'use strict';
  const prefix = 'suivi.draft.';
  const day = 24 * 3600 * 1000;
  const kept = 30 * day;
  const uploadsKept = day * 5 / 6; // the server keeps them for a day
  const me = () => { const page = document.getElementById('page'); return (page && page.dataset.me) || ''; };
  const keyOf = form => prefix + me() + '.' + form.dataset.draft;
  const later = new Map(); // forms whose draft is about to be written
  const firsts = new WeakMap(); // of a form: the values that it came with, by name
  const missing = new Map(); // of a form: what has no field yet, since another answer decides over it

  const store = {
    read(key) { try { return JSON.parse(localStorage.getItem(key)); } catch { return null; } },
    write(key, draft) { try { localStorage.setItem(key, JSON.stringify(draft)); } catch { /* full, or forbidden: then without */ } },
    remove(key) { try { localStorage.removeItem(key); } catch { /* there is none */ } },
    keys() { try { return Object.keys(localStorage).filter(key => key.startsWith(prefix)); } catch { return []; } },
  };

  const typed = form => [...form.elements].filter(e => e.name && !/^(hidden|file|password|submit|button)$/.test(e.type) && e.tagName !== 'FIELDSET' && !e.name.startsWith('captcha.'));

  // valuesOf are the values by name: as they are, or as the page came with them.
  const valuesOf = (form, first) => {
    const values = {};
    for (const e of typed(form)) {
      const all = values[e.name] ??= [];
      if (e.type === 'checkbox' || e.type === 'radio') {
        if (first ? e.defaultChecked : e.checked) all.push(e.value);
      } else if (e.tagName === 'SELECT') {
        let chosen = [...e.options].filter(o => first ? o.defaultSelected : o.selected);
        if (!chosen.length && !e.multiple && e.options.length) chosen = [e.options[0]];
        all.push(...chosen.map(o => o.value));
      } else {
        all.push(first ? e.defaultValue : e.value);
      }
    }
    return values;
  };

  const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
  const uploadsOf = form => [...form.querySelectorAll('input[name=upload]')].map(e => e.value);

  const save = form => {
    clearTimeout(later.get(form));
    later.delete(form);
    if (!me() || !form.isConnected) return;
    const key = keyOf(form);
    const old = store.read(key);
    const values = valuesOf(form, false);
    const base = 'typed' in form.dataset && old ? old.base : firsts.get(form);
    for (const name of missing.get(form) || []) if (old && !(name in values)) values[name] = old.values[name];
    const uploads = uploadsOf(form);
    if (same(values, base) && !uploads.length) return store.remove(key);
    const version = form.elements.version ? form.elements.version.value : undefined;
    store.write(key, { at: Date.now(), version, values, base, uploads });
  };

  // fill puts a value where the form has a field for it; false when it has none, or has it already.
  const fill = (form, name, values) => {
    let changed = false;
    const fields = typed(form).filter(e => e.name === name);
    for (const [i, e] of fields.entries()) {
      if (e.type === 'checkbox' || e.type === 'radio') {
        const on = values.includes(e.value);
        changed ||= e.checked !== on;
        e.checked = on;
      } else if (e.tagName === 'SELECT') {
        for (const o of e.options) {
          const on = values.includes(o.value);
          changed ||= o.selected !== on;
          o.selected = on;
        }
      } else if (values[i] !== undefined && e.value !== values[i]) {
        e.value = values[i];
        changed = true;
      }
    }
    return changed;
  };

  const decide = form => {
    for (const field of form.querySelectorAll('[data-decides]')) {
      const e = field.querySelector('input, select, textarea');
      if (e) return e.dispatchEvent(new Event('change', { bubbles: true })); // one is enough: all are sent
    }
  };

  const restore = form => {
    const draft = me() && !('typed' in form.dataset) && store.read(keyOf(form));
    if (!draft) return;
    const now = valuesOf(form, false);
    const rest = new Set();
    let changed = false;
    for (const [name, values] of Object.entries(draft.values)) {
      if (!(name in now)) rest.add(name);
      else if (draft.version !== undefined || same(now[name], draft.base[name])) changed = fill(form, name, values) || changed;
    }
    missing.set(form, rest);
    if (draft.uploads.length && Date.now() - draft.at < uploadsKept) {
      form.dispatchEvent(new CustomEvent('suivi:uploads', { bubbles: true, detail: draft.uploads }));
      changed = true;
    }
    if (!changed && !rest.size) return;
    const version = form.elements.version;
    if (version && draft.version !== undefined) { // what others did since is merged when it is sent
      form.dataset.version = version.value;
      version.value = draft.version;
    }
    form.querySelector('.draft').hidden = !changed;
    if (rest.size) decide(form);
    if (form.elements.alike) form.elements.summary.dispatchEvent(new Event('input', { bubbles: true }));
  };

  const discard = form => {
    clearTimeout(later.get(form));
    later.delete(form);
    missing.delete(form);
    store.remove(keyOf(form));
    if (form.dataset.version) form.elements.version.value = form.dataset.version;
    for (const line of form.querySelectorAll('.sent li')) line.remove();
    form.reset();
    form.querySelector('.draft').hidden = true;
    decide(form);
    const first = typed(form)[0];
    if (first) first.focus();
  };

  const forms = () => document.querySelectorAll('form[data-draft]');
  const begins = form => firsts.set(form, { ...valuesOf(form, true), ...firsts.get(form) });
  const arrive = () => {
    if (!me()) return;
    for (const key of store.keys()) {
      const draft = store.read(key);
      if (!draft || !key.startsWith(prefix + me() + '.') || Date.now() - draft.at > kept) store.remove(key);
    }
    for (const form of forms()) {
      begins(form);
      restore(form);
    }
  };

  const soon = event => {
    const form = event.target.closest('form[data-draft]');
    if (!form || event.target.name === 'upload') return;
    clearTimeout(later.get(form));
    later.set(form, setTimeout(save, 300, form));
  };
  const flush = () => { for (const form of [...later.keys()]) save(form); };

  document.addEventListener('input', soon);
  document.addEventListener('change', soon);
  document.addEventListener('click', event => {
    const button = event.target.closest('[data-discard]');
    if (button) discard(button.closest('form'));
  });
  document.addEventListener('submit', event => {
    if (event.target.getAttribute('action') !== '/sign-out') return flush();
    for (const timer of later.values()) clearTimeout(timer);
    later.clear();
    for (const key of store.keys()) store.remove(key);
  }, true);

  // A form that was carried out is answered with another page; one that was not comes back.
  document.addEventListener('htmx:beforeOnLoad', event => {
    const { elt, xhr } = event.detail;
    if (!elt.matches || !elt.matches('form[data-draft]') || xhr.status >= 400) return;
    const at = new URL(xhr.responseURL || location.href).pathname;
    if (at !== new URL(elt.getAttribute('action'), location.href).pathname && at !== '/sign-in') store.remove(keyOf(elt));
  });
  document.addEventListener('htmx:afterSettle', event => {
    if (event.detail.target.id === 'page') return arrive();
    for (const form of event.detail.target.id === 'fields' ? forms() : []) {
      const draft = store.read(keyOf(form));
      begins(form); // with what an answer brought
      for (const name of draft ? missing.get(form) || [] : []) {
        if (fill(form, name, draft.values[name])) form.querySelector('.draft').hidden = false;
      }
      missing.delete(form);
    }
  });
  window.addEventListener('pagehide', flush);
  document.addEventListener('DOMContentLoaded', arrive);
})();
