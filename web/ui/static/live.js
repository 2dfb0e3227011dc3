// Pages that stay as things are: a stream tells that something has changed, then the
// parts of the page are taken anew from its own address. What somebody is typing in
// is left alone. Only a page that is looked at listens.
(() => {
  'use strict';
  const page = () => document.getElementById('page');
  let source = null;
  let stream = ''; // as the page names it
  let last = ''; // the last event that was heard
  let waiting = 0;
  let missed = false;
  let pressed = null; // what the pointer is held down on: a click or a drag begins there
  let dragged = false; // the browser drags it

  const close = () => {
    if (source) source.close();
    source = null;
  };

  const listen = () => {
    const wanted = (page() && page().dataset.live) || '';
    if (wanted !== stream) {
      close();
      stream = wanted;
      last = '';
      missed = false;
    }
    if (!stream || document.hidden || source) return;
    const url = new URL(stream, location.href);
    if (last) url.searchParams.set('after', last);
    source = new EventSource(url);
    source.addEventListener('message', event => {
      if (event.lastEventId) last = event.lastEventId;
      clearTimeout(waiting);
      waiting = setTimeout(again, 250);
    });
    source.addEventListener('writing', event => {
      const line = document.getElementById('writing');
      const { text } = JSON.parse(event.data);
      if (line && line.textContent !== text) line.textContent = text;
    });
    source.addEventListener('error', () => { // it connects again by itself, but when it was refused
      if (source && source.readyState === EventSource.CLOSED) {
        source = null;
        setTimeout(listen, 30000);
      }
    });
  };

  // inUse tells whether somebody is at work in a part: a field has the cursor or
  // something typed, a box is ticked.
  const inUse = part => {
    const at = document.activeElement;
    if (part.querySelector('.dragged, details.to-lane[open]')) return true;
    if (at && part.contains(at) && at.matches('input:not([type=checkbox]), textarea, select')) return true;
    return [...part.querySelectorAll('textarea, input[type=text], input:not([type])')].some(e => e.value !== e.defaultValue)
      || [...part.querySelectorAll('input[type=checkbox]')].some(e => e.checked !== e.defaultChecked);
  };

  const tellOfIt = () => {
    const notice = document.getElementById('changed');
    if (notice) notice.hidden = false;
  };

  const again = () => {
    if (pressed || document.querySelector('#dialog[open]')) {
      missed = true;
      return;
    }
    const parts = [...document.querySelectorAll('[data-part]')];
    const free = parts.filter(part => !inUse(part));
    if (free.length < parts.length || !parts.length) tellOfIt();
    if (!free.length || 'form' in page().dataset) return;
    const begin = document.getElementById('again');
    begin.setAttribute('hx-select-oob', free.map(part => '#' + part.id).join(','));
    htmx.ajax('GET', page().dataset.again, { source: begin, target: begin, swap: 'none' });
  };

  const catchUp = () => {
    if (!missed) return;
    missed = false;
    again();
  };

  // Somebody may have begun to work in a part while it was on its way.
  let focus = null; // what had it in the part that is taken anew
  document.addEventListener('htmx:oobBeforeSwap', event => {
    const part = event.detail.target;
    if (part.contains(document.activeElement)) focus = { at: document.activeElement, part: part.id };
    if (pressed && part.contains(pressed)) missed = true;
    else if (inUse(part)) tellOfIt();
    else return;
    event.detail.shouldSwap = false;
  });
  document.addEventListener('htmx:oobAfterSwap', () => {
    if (!focus || focus.at.isConnected) return;
    const part = document.getElementById(focus.part);
    const same = part && [...part.querySelectorAll(focus.at.localName)].find(e => e.isEqualNode(focus.at));
    if (!same) return; // this was another part
    same.focus({ preventScroll: true });
    focus = null;
  });

  document.addEventListener('pointerdown', event => {
    pressed = event.target;
    dragged = false;
  }, true);
  document.addEventListener('dragstart', () => { dragged = true; }, true);
  for (const end of ['pointerup', 'pointercancel', 'dragend']) {
    document.addEventListener(end, () => {
      if (end === 'pointercancel' && dragged) return; // so a drag begins: it is held on
      pressed = null;
      setTimeout(catchUp, 250);
    }, true);
  }

  document.addEventListener('visibilitychange', () => { if (document.hidden) close(); else listen(); });
  document.addEventListener('htmx:afterSettle', listen);
  document.addEventListener('close', event => {
    if (event.target.id === 'dialog') catchUp();
  }, true);
  window.addEventListener('pagehide', close);
  window.addEventListener('pageshow', listen);
  document.addEventListener('DOMContentLoaded', listen);

  // A sign that somebody writes, every few seconds while they type.
  const every = 4000;
  let told = 0;
  const tell = (form, how) => {
    const internal = form.querySelector('[name=internal]');
    const body = new URLSearchParams({ do: how });
    if (internal && internal.checked) body.set('internal', 'on');
    fetch(form.dataset.writing, { method: 'POST', body, keepalive: true }).catch(() => {});
  };
  document.addEventListener('input', event => {
    const form = event.target.closest('form[data-writing]');
    if (!form || !event.target.matches('textarea, input:not([type=file])')) return;
    if (event.target.value === '') {
      told = 0;
      tell(form, 'end');
    } else if (Date.now() - told > every || event.target.name === 'internal') {
      told = Date.now();
      tell(form, 'begin');
    }
  });
})();
