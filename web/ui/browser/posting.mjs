// What happens while somebody writes: tickets like theirs appear, what they type is
// kept, pictures are pasted and dropped.
import { innocent, visit, want } from './browser.mjs';
import { picture } from './site.mjs';

// alike: tickets like the one that is typed appear by themselves, and sending asks no more about those.
export async function alike(browser, site) {
  const visitor = await visit(browser, site, { language: 'fr', who: 'zoe' });
  const { page } = visitor;
  await visitor.go('/trackers/HELP/new');
  let typing; // the fields of the answer come while one types already
  const late = new Promise(begun => { typing = begun; });
  await page.route('**/trackers/HELP/new', async route => { await late; await route.continue(); }, { times: 1 });
  await page.selectOption('#field-kind', 'network');
  await page.locator('#summary').pressSequentially('Réseau filaire ');
  const fields = page.waitForResponse('**/trackers/HELP/new');
  typing();
  await (await fields).finished();
  await page.waitForFunction(() => !document.querySelector('.htmx-request'));
  await page.keyboard.type('mort au deuxième étage');
  await page.waitForSelector(`#similar a[href="/tickets/${site.switchboard}"]`);
  want(await page.evaluate(() => document.activeElement.id) === 'summary', 'the cursor stays where one types');
  want(await page.inputValue('#summary') === 'Réseau filaire mort au deuxième étage', 'what is typed stays');
  want(await page.inputValue('#field-kind') === 'network', 'answers stay');
  await page.click('#post .row button[value=send]');
  await page.waitForSelector('.thanks');
  await visitor.go('/trackers/HELP/new');
  await page.fill('#summary', 'Plus de réseau filaire, couloir du deuxième étage');
  await page.selectOption('#field-kind', 'network');
  await page.waitForSelector('#similar li');
  await page.click(`#similar li:has(a[href="/tickets/${site.switchboard}"]) a`, { modifiers: [] });
  await visitor.context.waitForEvent('page').catch(() => {});
  want(new URL(page.url()).pathname === '/trackers/HELP/new', 'a ticket opens beside the form');
  await innocent(visitor);

  const without = await visit(browser, site, { language: 'fr', scripts: false, who: 'zoe' });
  await without.go('/trackers/HELP/new');
  await without.page.fill('#summary', 'Plus de réseau filaire au deuxième étage');
  await without.page.selectOption('#field-kind', 'network');
  await without.page.click('#post button[value=send]');
  await without.page.waitForSelector('#similar button[value=send]');
  want(await without.page.inputValue('#field-kind') === 'network', 'answers are kept through the question');
  await without.page.click('#similar button[value=send]');
  await without.page.waitForSelector('.thanks');
  await without.close();

  const other = await visit(browser, site, { who: 'grace' });
  const id = await site.post('HELP', 'zoe', 'The barometer of the physics lab shows nothing');
  await site.settle();
  await other.go('/trackers/HELP/new');
  await other.page.fill('#summary', 'Physics lab: barometer broken');
  await other.page.click(`#similar button[formaction="/tickets/${id}/watchers"]`);
  await other.page.waitForURL(`**/tickets/${id}`);
  want((await other.page.textContent('.watchers')).includes('Grace Hopper'), 'the other ticket is watched instead');
  await innocent(other);
}

// drafts: what is typed survives a reload, a closed tab and a session that ended; nobody else sees it.
export async function drafts(browser, site) {
  const visitor = await visit(browser, site, { who: 'emile' });
  const { context } = visitor;
  let { page } = visitor;
  const kept = () => page.evaluate(() => Object.keys(localStorage).filter(key => key.startsWith('suivi.draft.')).length);
  const written = text => page.waitForFunction(text => JSON.stringify(localStorage).includes(text), text);
  await visitor.go('/trackers/HELP/new');
  await page.fill('#summary', 'Ombrelle perdue');
  await page.selectOption('#field-kind', 'hardware');
  await page.fill('#field-serial', 'S-77');
  await page.check('#field-impact-1');
  await written('S-77');
  await page.reload();
  await page.waitForSelector('#post .draft:visible');
  await page.waitForSelector('#field-serial');
  await page.waitForFunction(() => document.querySelector('#field-serial').value === 'S-77');
  want(await page.inputValue('#summary') === 'Ombrelle perdue' && await page.isChecked('#field-impact-1'), 'a reload keeps what was typed');
  await page.close();
  page = await context.newPage();
  await page.goto(site.url + '/trackers/HELP/new');
  await page.waitForFunction(() => document.querySelector('#summary').value === 'Ombrelle perdue');
  await context.clearCookies({ name: 'suivi_session' }); // the session ends
  await page.fill('#description', 'Bleue.');
  await page.click('#post > .row button[value=send]');
  await page.waitForSelector('form[action="/sign-in"]');
  const enter = async who => {
    await page.goto(site.url + '/sign-in');
    await page.fill('#email', site.people[who].email);
    await page.fill('#password', 'un cheval bien correct');
    await page.click('form[action="/sign-in"] button.primary');
    await page.waitForSelector('.app');
  };
  await enter('emile');
  await page.goto(site.url + '/trackers/HELP/new');
  await page.waitForFunction(() => document.querySelector('#description').value === 'Bleue.' && document.querySelector('#field-serial')?.value === 'S-77');
  await page.click('#post > .row button[value=send]');
  await page.waitForSelector('.thanks');
  want(await kept() === 0, 'what was sent is kept no more');

  const at = `/tickets/${site.lamp}`;
  await page.goto(site.url + at);
  await page.fill('#body', 'À moitié écrit');
  await written('À moitié écrit');
  await page.goto(site.url + at + '/edit');
  await page.fill('#description', 'Une autre description');
  await written('Une autre description');
  await page.goto(site.url + at);
  await page.waitForFunction(() => document.querySelector('#body').value === 'À moitié écrit');
  await page.click('#compose [data-discard]');
  want(await page.inputValue('#body') === '' && await kept() === 1, 'a draft can be discarded');
  await page.goto(site.url + at + '/edit');
  await page.waitForFunction(() => document.querySelector('#description').value === 'Une autre description');
  await page.click('form[action="/sign-out"] button');
  await page.waitForSelector('form[action="/sign-in"]');
  want(await kept() === 0, 'signing out clears all');

  await enter('emile');
  await page.goto(site.url + at);
  await page.fill('#body', 'Un secret d’Émile');
  await written('secret d’Émile');
  await context.clearCookies({ name: 'suivi_session' });
  await enter('zoe');
  await page.waitForFunction(() => !JSON.stringify(localStorage).includes('secret d’Émile')); // who signs in after somebody else finds nothing of theirs
  await innocent({ ...visitor, close: () => context.close() });
}

// pictures: pasted and dropped ones are sent, named in the text, and shown where it stands.
export async function pictures(browser, site) {
  const visitor = await visit(browser, site, { who: 'emile' });
  const { page } = visitor;
  const bytes = [...picture(60, 40)];
  const give = (selector, how, name, type, content) => page.evaluate(([selector, how, name, type, content]) => {
    const data = new DataTransfer();
    data.items.add(new File([new Uint8Array(content)], name, { type }));
    const event = how === 'paste' ? new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }) : new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true });
    document.querySelector(selector).dispatchEvent(event);
  }, [selector, how, name, type, content]);
  const named = (selector, what) => page.waitForFunction(([selector, what]) => new RegExp(what).test(document.querySelector(selector).value), [selector, what]);

  await visitor.go('/trackers/HELP/new');
  await page.selectOption('#field-kind', 'account');
  await page.fill('#summary', 'Pixels morts sur le tableau');
  await page.fill('#description', 'Voici :');
  await give('#description', 'paste', 'écran [1].png', 'image/png', bytes);
  await named('#description', '^Voici :\\n!\\[écran 1 \\.png\\]\\(attachment:att_\\w+\\)\\n$');
  await page.reload();
  await page.waitForSelector('.sent input[name=upload]', { state: 'attached' });
  await page.click('#post > .row button[value=send]');
  await page.waitForSelector('.thanks');
  await page.click('.thanks .primary');
  await page.waitForFunction(() => { const shown = document.querySelector('.prose img'); return shown && shown.complete && shown.naturalWidth === 60; });

  const at = new URL(page.url()).pathname;
  await give('#body', 'drop', 'notes.txt', 'text/plain', [98, 111, 110]);
  await named('#body', '^\\[notes\\.txt\\]\\(attachment:');
  await give('#body', 'drop', 'vide.png', 'image/png', []);
  await page.waitForSelector('.sent .wrong');
  await page.click('#compose button[value=send]');
  await page.waitForSelector('#comment-1 .prose a');
  await page.click('#comment-1 a[href$="/edit"]');
  await page.waitForSelector('form[action$="/comments/1/edit"] #body');
  await give('form[action$="/comments/1/edit"] #body', 'paste', 'p.png', 'image/png', bytes);
  await named('form[action$="/comments/1/edit"] #body', '!\\[p\\.png\\]');
  await page.click('form[action$="/comments/1/edit"] button.primary');
  await page.waitForSelector('#comment-1 .prose img');
  await visitor.go(`${at}/edit`);
  await give('#description', 'paste', 'q.png', 'image/png', bytes);
  await named('#description', '!\\[q\\.png\\]');
  await page.click('form[action$="/edit"] button.primary');
  await page.waitForFunction(() => document.querySelectorAll('#description + .prose img').length === 2);
  await innocent(visitor);
}
