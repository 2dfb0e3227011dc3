// Pictures and other files that are pasted or dropped into a text: each is sent at once,
// waits as an upload of the form, and is named at the caret. Without JavaScript the
// form's file input does the same.
(() => {
  'use strict';
  const named = (text, name) => text.replace('{name}', name);
  const listOf = text => text.closest('.field').querySelector('.sent');

  const icon = name => {
    const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
    const use = document.createElementNS('http://www.w3.org/2000/svg', 'use');
    svg.setAttribute('class', 'i');
    svg.setAttribute('aria-hidden', 'true');
    use.setAttribute('href', '#i-' + name);
    svg.append(use);
    return svg;
  };

  // keep makes a line for an upload that waits: "att_… name", as the form sends it.
  const keep = (text, line, value) => {
    const name = value.slice(value.indexOf(' ') + 1);
    const id = value.slice(0, value.indexOf(' '));
    const input = document.createElement('input');
    Object.assign(input, { type: 'hidden', name: 'upload', value });
    const remove = document.createElement('button');
    Object.assign(remove, { type: 'button', className: 'quiet icon', title: named(text.dataset.remove, name) });
    const unseen = document.createElement('span');
    Object.assign(unseen, { className: 'unseen', textContent: remove.title });
    remove.append(icon('cross'), unseen);
    remove.addEventListener('click', () => {
      text.value = text.value.replace(new RegExp(`!?\\[[^\\]]*\\]\\(attachment:${id}\\)`, 'g'), '');
      line.remove();
      text.dispatchEvent(new Event('input', { bubbles: true }));
      text.focus();
    });
    line.className = 'kept';
    line.replaceChildren(input, icon('clip'), document.createTextNode(name), remove);
  };

  const insert = (text, upload) => {
    const label = upload.name.replace(/[[\]\\!<>&*_`\s]+/g, ' ').trim();
    const words = `${upload.width ? '!' : ''}[${label}](attachment:${upload.id})`;
    const before = text.value.slice(0, text.selectionStart);
    text.setRangeText((before && !/\s$/.test(before) ? '\n' : '') + words + '\n', text.selectionStart, text.selectionEnd, 'end');
    text.dispatchEvent(new Event('input', { bubbles: true }));
  };

  const send = (text, file) => {
    const name = file.name || 'image.png';
    const line = document.createElement('li');
    const bar = document.createElement('progress');
    bar.max = 1;
    bar.value = 0;
    bar.setAttribute('aria-label', named(text.dataset.sending, name));
    line.className = 'kept';
    line.append(named(text.dataset.sending, name), bar);
    listOf(text).append(line);
    const fail = why => {
      line.className = 'wrong';
      line.setAttribute('role', 'alert');
      line.replaceChildren(icon('alert'), document.createTextNode(why));
    };
    const request = new XMLHttpRequest();
    request.open('POST', '/uploads');
    request.responseType = 'json';
    request.upload.addEventListener('progress', event => { if (event.lengthComputable) bar.value = event.loaded / event.total; });
    request.addEventListener('error', () => fail(named(text.dataset.failed, name)));
    request.addEventListener('load', () => {
      const answer = request.response || {};
      if (request.status !== 201 || !answer.uploads || !answer.uploads.length) {
        fail(answer.error || request.status === 413 ? `${name} – ${answer.error || text.dataset.large}` : named(text.dataset.failed, name));
        return;
      }
      const [upload] = answer.uploads;
      keep(text, line, upload.id + ' ' + upload.name);
      insert(text, upload);
    });
    const body = new FormData();
    body.append('files', file, name);
    request.send(body);
  };

  const target = event => event.target.closest && event.target.closest('textarea[data-drop]');
  document.addEventListener('paste', event => {
    const text = target(event);
    const files = text ? [...event.clipboardData.files] : [];
    if (!files.length || event.clipboardData.types.includes('text/plain')) return; // a cell of a spreadsheet is text and a picture of it
    event.preventDefault();
    for (const file of files) send(text, file);
  });
  document.addEventListener('dragover', event => {
    const text = target(event);
    if (!text || ![...event.dataTransfer.types].includes('Files')) return;
    event.preventDefault();
    text.classList.add('over');
  });
  document.addEventListener('dragleave', event => { const text = target(event); if (text) text.classList.remove('over'); });
  document.addEventListener('drop', event => {
    const text = target(event);
    if (!text || !event.dataTransfer.files.length) return;
    event.preventDefault();
    text.classList.remove('over');
    text.focus();
    for (const file of event.dataTransfer.files) send(text, file);
  });

  // The uploads of a draft that has come back.
  document.addEventListener('suivi:uploads', event => {
    const text = event.target.querySelector('textarea[data-drop]');
    for (const value of text ? event.detail : []) {
      const line = document.createElement('li');
      listOf(text).append(line);
      keep(text, line, value);
    }
  });
})();
