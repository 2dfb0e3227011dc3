// A board: a card is taken, held over a column, and dropped there, which sends its own form.
// By mouse it is dragged; by finger or pen it is held for a moment and then drawn; by keyboard
// Shift and an arrow choose a column, and Enter drops. Over a column where it may not go stands why.
(() => {
  'use strict';
  let card = null; // that is held
  let moved = null; // that has been dropped: to be told, and found again, once the page shows it
  const board = () => document.querySelector('.board');
  const lanes = () => [...document.querySelectorAll('[data-lane]')];
  const open = card => card.querySelector('a.open');
  const wish = lane => (card && lane && !lane.contains(card) && card.querySelector(`option[value="${lane.dataset.lane}"]`)) || null;
  const may = lane => {
    const option = wish(lane);
    return !!option && !option.disabled;
  };

  const say = (text, how = 'unseen') => {
    const said = document.getElementById('board-said');
    if (!said || said.textContent === text) return;
    said.textContent = text;
    said.className = how;
  };
  const words = (name, id, state) => board().dataset[name].replace('{ticket}', id).replace('{state}', state);

  // A page that came while the card was held has another element for it.
  const regain = () => {
    if (card && !card.isConnected) card = document.querySelector(`[data-card="${card.dataset.card}"]`);
  };
  const take = taken => {
    card = taken;
    card.classList.add('dragged');
    for (const lane of lanes()) {
      const option = wish(lane);
      lane.classList.toggle('may', !!option && !option.disabled);
      lane.classList.toggle('not', !!option && option.disabled);
    }
  };
  const over = lane => {
    regain();
    const option = wish(lane);
    for (const other of lanes()) other.classList.toggle('over', other === lane && may(lane));
    return option && option.disabled ? option.dataset.why : '';
  };
  const drop = (lane, focus) => {
    regain();
    const option = wish(lane);
    if (!may(lane)) return;
    const form = option.form;
    moved = { id: card.dataset.card, lane: lane.dataset.lane, name: lane.dataset.name, focus };
    option.selected = true;
    if ('wants' in option.dataset) {
      const query = new URLSearchParams({ to: option.value, back: form.elements.back.value });
      document.dispatchEvent(new CustomEvent('suivi:show', { detail: { address: `${form.getAttribute('action')}?${query}`, source: form } }));
    } else {
      form.requestSubmit();
    }
  };
  const release = () => {
    if (card) card.classList.remove('dragged');
    for (const lane of lanes()) lane.classList.remove('may', 'not', 'over');
    card = null;
  };

  // What was dropped is told when the page shows it; who has the keyboard goes on from the card. A
  // page that is only taken anew is not yet the answer.
  document.addEventListener('htmx:afterSettle', event => {
    if (!moved || event.detail.target.closest('#dialog, #again')) return;
    const { id, lane, name, focus } = moved;
    moved = null;
    const now = document.querySelector(`[data-card="${id}"]`);
    if (!now) return;
    if (focus) open(now).focus();
    if (now.closest('[data-lane]').dataset.lane === lane) say(words('moved', id, name));
  });
  document.addEventListener('htmx:beforeSwap', event => { // the dialog has been answered
    if (moved && event.detail.xhr.status < 400 && event.detail.requestConfig.elt.closest?.('#dialog')) moved.sure = true;
  });
  document.addEventListener('close', event => { if (event.target.id === 'dialog' && moved && !moved.sure) moved = null; }, true);

  // By mouse.
  const laneOf = target => (target && target.closest ? target.closest('[data-lane]') : null);
  document.addEventListener('dragstart', event => {
    const taken = event.target.closest && event.target.closest('[data-card][draggable=true]');
    if (!taken) return;
    event.dataTransfer.effectAllowed = 'move';
    event.dataTransfer.setData('text/plain', taken.dataset.card);
    take(taken);
  });
  document.addEventListener('dragover', event => {
    if (!card) return;
    const lane = laneOf(event.target);
    const why = over(lane);
    say(why, why ? 'wrong' : 'unseen');
    if (may(lane)) event.preventDefault();
  });
  document.addEventListener('drop', event => {
    const lane = laneOf(event.target);
    regain();
    if (!may(lane)) return;
    event.preventDefault();
    drop(lane, false);
  });
  document.addEventListener('dragend', release);

  // By finger or pen: held for a moment, so that drawing at once still scrolls the page.
  const moment = 350; // milliseconds
  const still = 10; // pixels that a resting finger may move
  const edge = 48; // pixels from an edge where the page scrolls
  let touch = null;
  let drawn = false; // just now
  const laneAt = ({ x, y }) => laneOf(document.elementFromPoint(x, y));
  const place = () => { touch.ghost.style.transform = `translate(${touch.x - touch.dx}px, ${touch.y - touch.dy}px)`; };
  const scroll = () => {
    const side = board().getBoundingClientRect();
    const step = (at, from, to) => (at < from + edge ? -16 : at > to - edge ? 16 : 0);
    board().scrollBy(step(touch.x, Math.max(side.left, 0), Math.min(side.right, innerWidth)), 0);
    window.scrollBy(0, step(touch.y, 0, innerHeight));
  };
  const begin = () => {
    const box = touch.card.getBoundingClientRect();
    take(touch.card);
    touch.dx = touch.x - box.left;
    touch.dy = touch.y - box.top;
    touch.ghost = touch.card.cloneNode(true);
    for (const part of [touch.ghost, ...touch.ghost.querySelectorAll('*')]) for (const name of ['id', 'data-card', 'data-row']) part.removeAttribute(name);
    touch.ghost.querySelector('.to-lane').remove();
    touch.ghost.setAttribute('aria-hidden', 'true');
    touch.ghost.classList.add('ghost');
    touch.ghost.style.width = `${box.width}px`;
    document.body.append(touch.ghost);
    place();
    touch.scrolling = setInterval(scroll, 30);
  };
  const end = () => {
    if (!touch) return;
    clearTimeout(touch.waiting);
    clearInterval(touch.scrolling);
    if (touch.ghost) touch.ghost.remove();
    touch.card.draggable = true;
    touch = null;
    release();
  };
  document.addEventListener('pointerdown', event => {
    drawn = false;
    const taken = event.target.closest('[data-card][draggable=true]');
    if (!taken || event.pointerType === 'mouse' || !event.isPrimary || event.target.closest('.to-lane')) return;
    end();
    taken.draggable = false; // else the browser drags it in its own way
    touch = { card: taken, pointer: event.pointerId, x: event.clientX, y: event.clientY, fromX: event.clientX, fromY: event.clientY, waiting: setTimeout(begin, moment) };
  });
  document.addEventListener('pointermove', event => {
    if (!touch || event.pointerId !== touch.pointer) return;
    Object.assign(touch, { x: event.clientX, y: event.clientY });
    if (!touch.ghost) {
      if (Math.hypot(touch.x - touch.fromX, touch.y - touch.fromY) > still) end();
      return;
    }
    place();
    const why = over(laneAt(touch));
    say(why, why ? 'wrong' : 'unseen');
  });
  document.addEventListener('touchmove', event => { if (touch && touch.ghost) event.preventDefault(); }, { passive: false });
  document.addEventListener('contextmenu', event => { if (touch) event.preventDefault(); });
  document.addEventListener('pointerup', event => {
    if (!touch || event.pointerId !== touch.pointer) return;
    if (touch.ghost) {
      drawn = true;
      drop(laneAt(touch), false);
    }
    end();
  });
  document.addEventListener('pointercancel', end);
  document.addEventListener('click', event => { // that a finger makes where it is lifted
    if (drawn) event.preventDefault();
    drawn = false;
  }, true);

  // By keyboard.
  let at = null; // the column that is chosen
  const letGo = () => {
    if (!at) return;
    at = null;
    release();
    const said = document.getElementById('board-said');
    if (said) said.className = 'unseen';
  };
  const choose = (taken, step) => {
    if (card !== taken) take(taken);
    const home = taken.closest('[data-lane]');
    const all = lanes().filter(lane => lane.offsetParent && (lane === home || wish(lane)));
    at = all[Math.min(Math.max(all.indexOf(at || home) + step, 0), all.length - 1)];
    const why = over(at);
    at.scrollIntoView({ inline: 'nearest', block: 'nearest' });
    say(why || words(at === home ? 'stays' : 'to', taken.dataset.card, at.dataset.name), why ? 'wrong' : 'choosing');
  };
  document.addEventListener('keydown', event => {
    const taken = event.target.closest && event.target.closest('[data-card]');
    if (!taken || event.ctrlKey || event.metaKey || event.altKey || event.target.closest('.to-lane')) return;
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (event.shiftKey && step && taken.querySelector('option')) {
      event.preventDefault();
      choose(taken, step);
    } else if (at && event.key === 'Enter') {
      event.preventDefault();
      const home = at === taken.closest('[data-lane]');
      if (may(at)) drop(at, true);
      else if (!home) return;
      letGo();
    } else if (at && event.key === 'Escape') {
      event.preventDefault();
      say(words('stays', taken.dataset.card, taken.closest('[data-lane]').dataset.name));
      letGo();
    }
  });
  document.addEventListener('focusout', event => { if (at && card && card.contains(event.target)) letGo(); });
})();
