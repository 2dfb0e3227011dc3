// Hostile texts through every door that takes a text, and every page looked at in the
// DOM: nothing of them runs, nothing of them is an element or an attribute, and each is
// shown as it was typed. It spoils the site, so it comes last.
import { innocent, visit, want } from './browser.mjs';
import { pages } from './pages.mjs';
import { picture } from './site.mjs';

// short goes where labels and names go, long where a line of text does; both say which door they came by.
const short = door => `${door}"'><img src=x onerror=xss=1>`;
const long = door => `${door} "'><x-hostile data-hostile onclick=xss=1 hx-get=/ hx-trigger=load></x-hostile><img src=x onerror=window.xss=1><script>window.xss=1</script>`;
const both = text => ({ fr: text, en: text });

// corpus is what attackers try in long texts, Markdown among it.
const corpus = door => [
  long(door),
  '<svg onload=window.xss=1></svg><math><mtext><table><mglyph><style><img src=x onerror=window.xss=1>',
  '</textarea></title></script></style></p></div></body></html><script>window.xss=1</script>',
  '<iframe srcdoc="<script>parent.xss=1</script>"></iframe><object data="javascript:xss=1"></object><embed src="javascript:xss=1">',
  '<base href="https://evil.example/"><meta http-equiv="refresh" content="0;url=https://evil.example/"><link rel=stylesheet href="https://evil.example/x.css">',
  '<form action="https://evil.example/"><button formaction="javascript:xss=1" autofocus onfocus=window.xss=1>x</button></form>',
  '<a data-hostile href="javascript:window.xss=1">x</a> [x](javascript:window.xss=1) [x](JaVaScRiPt:window.xss=1) [x](data:text/html,<script>window.xss=1</script>)',
  '![x](javascript:window.xss=1) ![x](https://evil.example/track.png) ![x](data:image/svg+xml,<svg/onload=xss=1>) <javascript:window.xss=1>',
  '[x](https://example.org "onmouseover=xss=1 \\"><x-hostile data-hostile>") [x]: javascript:window.xss=1',
  '```"><x-hostile data-hostile>\n</code></pre><script>window.xss=1</script>\n```',
  '| <img src=x onerror=window.xss=1> | b |\n|:-:|--:|\n| <x-hostile data-hostile> | `</code><script>window.xss=1</script>` |',
  '<div hx-get="/tickets" hx-trigger="load" hx-on:click="window.xss=1" hx-vals="js:{x:window.xss=1}" data-hostile style="position:fixed;inset:0">x</div>',
  '{{constructor.constructor("window.xss=1")()}} ${window.xss=1} <%= xss %> {{.Site}} &lt;script&gt;window.xss=1&lt;/script&gt; &#60;x-hostile&#62;',
  '@usr_<script>window.xss=1</script> <x-hostile data-hostile onpointerover=window.xss=1 tabindex=1 autofocus onfocus=window.xss=1>',
].join('\n\n');

// doors are the marks of all texts, to see that each is shown.
const doors = [
  'Dname', 'Dtracker', 'Dintro', 'Dthanks', 'Dstate', 'Dlabel', 'Dhelp', 'Doption', 'Dshared', 'Dquery', 'Dtoken', 'Dagent',
  'Dsummary', 'Ddescription', 'Danswer', 'Dlonganswer', 'Dcomment', 'Dnote', 'Dedited', 'Dfile', 'Dnotefile', 'Dresolution', 'Draise', 'Drefused', 'Dgone', 'Dbranch', 'Dcascade',
];

async function spoil(browser, site) {
  const api = (...all) => site.api(...all);
  for (const who of ['ada', 'grace', 'emile', 'zoe']) await api('PATCH', `/people/${site.people[who].id}`, { name: short('Dname') });
  const labels = {};
  for (const state of ['posted', 'open', 'working', 'blocked', 'waiting', 'resolved', 'abandoned']) labels[state] = both(short('Dstate'));
  for (const key of ['HELP', 'PEDA']) await api('PATCH', `/trackers/${key}`, { name: short('Dtracker'), intro: both(corpus('Dintro')), thankYou: both(corpus('Dthanks')), labels });
  const option = code => ({ code, label: both(short('Doption')) });
  const field = more => ({ label: both(short('Dlabel')), help: both(short('Dhelp')), listable: true, ...more });
  await api('PUT', '/trackers/HELP/fields/kind', field({ type: 'dropdown', mandatory: true, options: ['hardware', 'network', 'account'].map(option) }));
  await api('PUT', '/trackers/HELP/fields/room', field({ type: 'text', default: short('Danswer') }));
  await api('PUT', '/trackers/HELP/fields/systems', field({ type: 'checkbox', options: ['linux', 'mac', 'win'].map(option) }));
  await api('PUT', '/trackers/HELP/fields/story', field({ type: 'textarea', listable: false }));
  await api('PUT', '/fields/building', { type: 'dropdown', label: both(short('Dshared')), options: ['a', 'b', 'old'].map(option) });
  await api('POST', '/queries', { name: short('Dquery'), description: short('Dquery'), query: `q=${encodeURIComponent(short('x'))}&list=all`, tracker: 'HELP', shared: true }, site.as('ada'));

  const answers = { kind: 'account', room: short('Danswer'), story: corpus('Dlonganswer'), systems: 'linux,mac' };
  const ticket = await site.post('HELP', 'emile', long('Dsummary'), { description: corpus('Ddescription'), answers });
  const say = (body, more) => api('POST', `/tickets/${ticket}/comments`, { body, ...more }, site.as('grace'));
  await say(corpus('Dcomment'));
  await say('first');
  await api('PATCH', `/tickets/${ticket}/comments/1`, { body: corpus('Dedited') }, site.as('grace'));
  await say(corpus('Dcomment'));
  await say(corpus('Dnote'), { internal: true });
  const attach = async (where, ...files) => {
    const form = new FormData();
    for (const [name, type, content] of files) form.append('files', new Blob([content], { type }), name);
    return (await api('POST', `/tickets/${ticket}/attachments${where}`, form, site.as('grace'))).attachments;
  };
  const evil = '<svg xmlns="http://www.w3.org/2000/svg" onload="window.xss=1"><script>window.xss=1</script></svg>';
  const files = await attach('?comment=1', [`${short('Dfile')}.png`, 'image/png', picture(20, 20)], ['evil.html', 'text/html', `<script>window.xss=1</script>`], ['evil.svg', 'image/svg+xml', evil], ['evil.png', 'image/png', evil]);
  await attach('?note=1', [`${short('Dnotefile')}.txt`, 'text/plain', 'x']);
  await api('POST', `/tickets/${ticket}/raise-requests`, { reason: corpus('Draise') }, site.as('emile'));
  await api('POST', `/tickets/${ticket}/raise-requests/1/refuse`, { answer: corpus('Drefused') }, site.as('ada'));
  await api('POST', `/tickets/${ticket}/comments/1/branch`, { summary: long('Dbranch'), answers }, site.as('ada'));
  await api('PUT', `/tickets/${ticket}/prerequisites/${site.switchboard}`, undefined, site.as('ada'));
  await api('POST', `/tickets/${ticket}/state`, { to: 'working', comment: corpus('Dcomment') }, site.as('ada'));
  await api('POST', `/tickets/${ticket}/state`, { to: 'resolved', resolution: corpus('Dresolution') }, site.as('ada'));
  const gone = await site.post('PEDA', 'emile', long('Dgone'));
  await api('DELETE', `/tickets/${gone}`, undefined, site.as('ada'));
  const sent = await site.post('PEDA', 'emile', long('Dcascade'), { description: corpus('Dcascade') });
  await api('PUT', `/tickets/${sent}/watchers/${site.people.ada.id}`, {}, site.as('ada'));
  await api('POST', `/tickets/${sent}/cascade`, { comment: corpus('Dcascade') }, site.as('ada'));
  await site.settle();
  return { ticket, sent, files };
}

// examine tells what a page has of a hostile text in its DOM, and the texts that people read on it.
const examine = () => {
  const wrong = [];
  const found = (what, all) => { for (const e of all) wrong.push(`${what}: ${e.outerHTML.slice(0, 200)}`); };
  found('an element', document.querySelectorAll('x-hostile, [data-hostile], img[src=x], iframe, object, embed, base, math, mglyph, meta[http-equiv], link:not([rel=icon]):not([rel=stylesheet]), body form form'));
  found('a script', [...document.scripts].filter(s => !s.src.startsWith(location.origin + '/static/') || s.textContent));
  found('a style', document.querySelectorAll('style, [style]'));
  for (const e of document.querySelectorAll('*')) {
    for (const a of e.attributes) {
      if (/^on/i.test(a.name) || /^hx-on/i.test(a.name)) wrong.push(`an attribute: ${a.name}=${a.value.slice(0, 80)}`);
      if (/^(href|src|action|formaction|data|srcdoc|xlink:href)$/.test(a.name) && !e.matches('[data-sending]') && /^\s*(javascript|vbscript|data:text)/i.test(a.value)) wrong.push(`an address: ${a.name}=${a.value.slice(0, 80)}`);
      if (/^(action|formaction)$/.test(a.name) && new URL(a.value, location.href).origin !== location.origin) wrong.push(`a form to ${a.value}`);
    }
  }
  if ('xss' in window) wrong.push('a script ran');
  const text = [document.body.textContent, document.title, ...[...document.querySelectorAll('input, textarea')].map(e => e.value), ...[...document.querySelectorAll('[title], [aria-label]')].map(e => `${e.title} ${e.ariaLabel}`)].join('\n');
  return { wrong, text };
};

export async function hostile(browser, site) {
  const made = await spoil(browser, site);
  site.lamp = made.ticket; // the pages of a ticket are those of this one
  const visitors = {};
  const wrong = [];
  const unseen = new Set(doors);
  const as = async who => {
    if (visitors[who]) return visitors[who];
    const visitor = await visit(browser, site, { who: who || undefined, headers: { 'User-Agent': short('Dagent') } });
    visitor.page.on('dialog', dialog => { wrong.push(`a dialog: ${dialog.message()}`); dialog.dismiss(); });
    return visitors[who] = visitor;
  };
  const look = async (name, path, who) => {
    const { page, go, faults } = await as(who);
    await go(path);
    const seen = await page.evaluate(examine);
    wrong.push(...seen.wrong.map(what => `${name} as ${who}: ${what}`), ...faults.splice(0).map(what => `${name} as ${who}: ${what}`));
    seen.text = seen.text.replaceAll('%22', '"'); // as browsers write it in the names of files that are sent
    for (const door of [...unseen]) if (seen.text.includes(`${door}"'><img src=x`) || seen.text.includes(`${door} "'><x-hostile data-hostile onclick=xss=1`)) unseen.delete(door);
  };

  const owner = await as('ada');
  await owner.go('/profile/tokens');
  await owner.page.fill('#label', short('Dtoken'));
  await owner.page.click('.card button.primary');
  await owner.page.waitForSelector('.secret');
  for (const one of pages(site)) await look(one.name, one.path, one.who ?? '');
  const evil = encodeURIComponent(long('Dquery'));
  const more = [
    `/tickets?q=${evil}`, `/tickets?reporter=${evil}`, `/tickets?state=${evil}`, `/tickets?sort=${evil}`, `/tickets?field.room=${evil}&tracker=HELP`, `/trackers/HELP/tickets?list=all&field.room=${evil}`,
    `/trackers/HELP/new?summary=${evil}&description=${evil}&answers.room=${evil}&answers.kind=${evil}`, `/tickets/${made.ticket}/state?to=${evil}&back=javascript:xss=1`, `/tickets/${made.ticket}/watch?user=${evil}&back=//evil.example`,
    `/tickets/${made.ticket}/past?at=${evil}&from=${evil}`, `/reports?tracker=${evil}&zone=${evil}`, `/trackers/HELP/settings/members?q=${evil}`, `/sign-in?next=${evil}&email=${evil}`, `/${evil}`, `/help/${evil}`,
    `/tickets/${made.sent}`, `/tickets/${made.ticket}/posted`, `/tickets/${made.ticket}/comments/1/revisions`, `/tickets/${made.ticket}/comments/1/edit`, `/tickets/${made.ticket}/edit`, '/trackers/HELP/settings/fields/kind', '/tickets?list=all', '/',
  ];
  for (const who of ['ada', 'emile']) for (const path of more) await look(path.slice(0, 60), path, who);
  await look('audit', `/admin/audit?person=${evil}&kind=${evil}&ticket=${evil}`, 'root');
  await look('replay', `/admin/audit/${made.ticket}?at=${evil}`, 'root');
  await look('people', `/admin/people?q=${evil}`, 'root');

  // What appears while one types, and the preview of a comment.
  const { page } = owner;
  await owner.go('/trackers/HELP/new');
  await page.fill('#summary', 'Dsummary hostile onclick');
  await page.waitForSelector('#similar li');
  wrong.push(...(await page.evaluate(examine)).wrong.map(what => `similar: ${what}`));
  await owner.go(`/tickets/${made.sent}`);
  await page.fill('#body', corpus('Dcomment'));
  await page.click('button[value=preview]');
  await page.waitForSelector('.preview');
  wrong.push(...(await page.evaluate(examine)).wrong.map(what => `preview: ${what}`));
  await page.goto(`${site.url}/tickets/${made.sent}`);
  wrong.push(...(await page.evaluate(examine)).wrong.map(what => `a draft: ${what}`));

  // Files are never pages of this site.
  for (const file of made.files) {
    const answer = await owner.context.request.get(`${site.url}/attachments/${file.id}`);
    const head = answer.headers();
    want(head['x-content-type-options'] === 'nosniff' && (/^image\/(png|jpeg|gif)$/.test(head['content-type']) || /^attachment/.test(head['content-disposition'])), `${file.name} is sent as ${JSON.stringify(head)}`);
  }
  want(wrong.length === 0, wrong.slice(0, 40).join('\n'));
  want(unseen.size === 0, `never shown as text: ${[...unseen].join(', ')}`);
  for (const visitor of Object.values(visitors)) await innocent(visitor);
}
