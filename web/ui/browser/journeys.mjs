// node journeys.mjs URL TOKEN CODE [STEP]: what people do, in both languages, with and without
// JavaScript, and every page held against the accessibility rules. Each step that went
// well is a line "ok NAME"; the first fault ends it with a line that says what it was.
import { createRequire } from 'node:module';
import { innocent, languages, open, visit, want } from './browser.mjs';
import { hostile } from './hostile.mjs';
import { administer, manage, setUp } from './offices.mjs';
import { pages } from './pages.mjs';
import { alike, drafts, pictures } from './posting.mjs';
import { Site, password } from './site.mjs';

const axePath = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const [url, token, code, only] = process.argv.slice(2);
const site = new Site(url, token);
let failed = 0;

async function step(name, run) {
  if (only && !name.startsWith(only)) return;
  try {
    await run();
    console.log(`ok ${name}`);
  } catch (error) {
    failed++;
    console.log(`FAILED ${name}: ${String(error.stack ?? error).replaceAll('\n', ' | ').slice(0, 6000)}`);
  } finally { // whose pages would hear of all that comes, and read themselves anew
    for (const context of browser.contexts()) await context.close();
  }
}

const words = {
  fr: { assigned: 'Attribué à', done: 'Résolu', solved: 'La lampe était morte.', posted: 'Posté' },
  en: { assigned: 'Assigned to', done: 'Resolved', solved: 'The lamp was dead.', posted: 'Posted' },
};

// A reporter posts a ticket; a developer takes it and works it; a manager solves it; the reporter reads the end.
async function life(browser, language, scripts) {
  const say = words[language];
  const title = `Panne ${language} ${scripts ? 'avec' : 'sans'} <b>script</b>`;
  const reporter = await visit(browser, site, { language, scripts, who: 'emile' });
  const { page } = reporter;
  await page.click('.side a[href="/new"]');
  await page.click('a[href="/trackers/HELP/new"]');
  await page.fill('#summary', title);
  await page.fill('#description', 'Rien ne va **plus**.');
  want(await page.locator('#field-serial').count() === 0, 'the serial number is not asked before the kind is known');
  await page.selectOption('#field-kind', 'hardware');
  if (scripts) await page.waitForSelector('#field-serial');
  else await page.click('button[value=refresh]');
  want(await page.inputValue('#summary') === title, 'what was typed is kept');
  await page.setInputFiles('#files', { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('bonjour') });
  await page.click('#post button[value=send]'); // without the serial number, which is wanted
  await page.waitForSelector('#field-serial-wrong, #similar button[value=send]');
  if (await page.locator('#field-serial-wrong').count() === 0) await page.click('#similar button[value=send]'); // earlier ones are like it
  await page.waitForSelector('#field-serial-wrong');
  want(await page.inputValue('#description') === 'Rien ne va **plus**.', 'what was typed is kept');
  await page.fill('#field-serial', 'S-1');
  await page.click('#post button[value=send]');
  await page.waitForSelector('.thanks');
  await page.click('.thanks .primary');
  await page.waitForSelector('article.ticket');
  const address = new URL(page.url()).pathname;
  want(await page.textContent('article h1') === title, 'the summary is shown as it was typed');
  want((await page.innerHTML('.prose')).includes('<strong>plus</strong>'), 'Markdown is rendered');
  want((await page.textContent('.files')).includes('notes.txt'), 'the file is there');

  const developer = await visit(browser, site, { language, scripts, who: 'grace' });
  await developer.go(address);
  await developer.page.click('.panel button[name=user][value=me]');
  await developer.page.waitForSelector('.panel .now .person');
  await developer.page.click('.panel button[name=to][value=working]');
  await developer.page.waitForSelector('.panel .now .s-working');
  await developer.page.fill('#body', 'Je regarde `cela`.');
  await developer.page.click('button[value=preview]');
  await developer.page.waitForSelector('.preview code');
  want(await developer.page.inputValue('#body') === 'Je regarde `cela`.', 'the comment is kept in a preview');
  await developer.page.click('#compose button[value=send]');
  await developer.page.waitForSelector('#comment-1');
  await developer.page.fill('#body', 'Pour nous seuls.');
  await developer.page.check('[name=internal]');
  await developer.page.click('#compose button[value=send]');
  await developer.page.waitForSelector('#note-1');

  const manager = await visit(browser, site, { language, scripts, who: 'ada' });
  await manager.go(`/trackers/HELP/tickets?q=${encodeURIComponent('Panne')}`);
  await manager.page.click(`tr:has(a[href="${address}"]) .c-state a.quick`);
  await manager.page.waitForSelector('#form input[value=resolved]');
  await manager.page.check('#form input[value=resolved]');
  await manager.page.fill('#state-resolution', say.solved);
  await manager.page.click('#form button.primary');
  await manager.page.waitForSelector(`tr:has(a[href="${address}"]) .s-resolved`);

  await reporter.go(address);
  want((await page.textContent('.resolution')).includes(say.solved), 'the reporter reads the resolution');
  want((await page.textContent('article .meta .state')).includes(say.done), 'the state is named in the language');
  want((await page.textContent('.timeline')).includes(say.assigned), 'the history is told in the language');
  want(!(await page.content()).includes('Pour nous seuls'), 'an internal note is for staff alone');
  await page.fill('#body', 'Merci !');
  await page.click('#compose button[value=send]');
  await page.waitForSelector('#comment-2');
  for (const visitor of [reporter, developer, manager]) await innocent(visitor);
}

// Two people edit one ticket: what both wrote is shown to the second, and nothing is lost.
async function merge(browser, scripts) {
  const id = await site.post('HELP', 'emile', 'A summary', { description: 'first' });
  await site.settle();
  const reporter = await visit(browser, site, { scripts, who: 'emile' });
  const manager = await visit(browser, site, { scripts, who: 'ada' });
  for (const visitor of [manager, reporter]) await visitor.go(`/tickets/${id}/edit`);
  await manager.page.fill('#description', 'from the manager');
  await manager.page.fill('#field-room', 'C3');
  await manager.page.click('form button.primary');
  await manager.page.waitForSelector('article.ticket');
  await reporter.page.fill('#description', 'from the reporter');
  await reporter.page.click('form[action$="/edit"] button.primary');
  await reporter.page.waitForSelector('.theirs');
  want((await reporter.page.textContent('.theirs')).includes('from the manager'), 'their text is shown');
  want(await reporter.page.inputValue('#description') === 'from the reporter', 'mine is kept');
  want(await reporter.page.inputValue('#field-room') === 'C3', 'what they alone changed is taken over');
  await reporter.page.fill('#description', 'from both');
  await reporter.page.click('form[action$="/edit"] button.primary');
  await reporter.page.waitForSelector('article.ticket');
  const after = await site.api('GET', `/tickets/${id}`);
  want(after.description === 'from both' && after.answers.room === 'C3', `got ${JSON.stringify(after)}`);
  await innocent(reporter);
  await innocent(manager);
}

async function bulk(browser, scripts) {
  const visitor = await visit(browser, site, { scripts, who: 'ada' });
  const ids = [await site.post('HELP', 'emile', 'Bulk one'), await site.post('HELP', 'emile', 'Bulk two')];
  await site.settle();
  await visitor.go('/trackers/HELP/tickets?q=Bulk');
  for (const id of ids) await visitor.page.check(`input[name=ticket][value="${id}"]`);
  await visitor.page.selectOption('#bulk-assignee', { label: 'Grace Hopper' });
  await visitor.page.selectOption('#bulk-state', 'working');
  await visitor.page.click('.bulkbar button.primary');
  await visitor.page.waitForSelector('button[value=go]');
  want(await visitor.page.locator('.step-of').count() === 4, await visitor.page.textContent('.results'));
  await visitor.page.click('button[value=go]');
  await visitor.page.waitForSelector('.results .good');
  want(await visitor.page.locator('.results .good').count() === 2, await visitor.page.textContent('.results'));
  await innocent(visitor);
}

// A manager moves cards: by the menu, and where there are scripts by dragging; what is
// refused, or wants words, is said.
async function board(browser, scripts) {
  const visitor = await visit(browser, site, { scripts, who: 'ada', width: 2200 });
  const { page } = visitor;
  const id = await site.post('HELP', 'emile', `Board ${scripts ? 'with' : 'without'} scripts`);
  await site.settle();
  const lane = state => page.locator(`[data-lane=${state}] [data-card="${id}"]`);
  await visitor.go('/trackers/HELP/tickets?view=board&q=Board');
  await page.click(`[data-card="${id}"] summary`);
  await page.selectOption(`[data-card="${id}"] select`, 'working');
  await page.click(`[data-card="${id}"] button`);
  await page.waitForSelector(`[data-lane=working] [data-card="${id}"]`);
  want(await page.locator('.said').count() === 1, 'the board says what was done');
  await site.api('POST', `/tickets/${id}/comments`, { body: 'Meanwhile' }, site.as('grace'));
  await site.api('PATCH', `/tickets/${id}`, { summary: `Board ${id}` }, site.as('ada'));
  if (!scripts) {
    await page.click(`[data-card="${id}"] summary`);
    await page.selectOption(`[data-card="${id}"] select`, 'waiting');
    await page.click(`[data-card="${id}"] button`);
    await page.waitForSelector('.alert');
    want(await lane('working').count() === 1, 'a stale move changes nothing');
    await innocent(visitor);
    return;
  }
  await site.settle();
  await visitor.go('/trackers/HELP/tickets?view=board&list=all&q=Board');
  const drag = async (state, done, sign = `[data-lane=${state}].over`) => {
    await page.hover(`[data-card="${id}"] .top`);
    await page.mouse.down();
    for (const _ of [1, 2]) await page.hover(`[data-lane=${state}] h2`);
    await page.waitForSelector(sign, { state: 'attached' });
    await page.mouse.up();
    await page.waitForSelector(done, { state: 'attached' });
  };
  await drag('waiting', `[data-lane=waiting] [data-card="${id}"]`);
  await page.waitForFunction(id => document.getElementById('board-said').textContent.startsWith(id), id);
  await drag('validated', '#board-said.wrong', '#board-said.wrong'); // where the workflow does not lead
  want(await lane('waiting').count() === 1, 'a card goes back from where it may not go');
  want((await page.textContent('#board-said')).length > 20, 'it says why');
  await byKeyboard(page, id);
  await byFinger(page, id);
  await page.route(`**/tickets/${id}/state`, route => route.continue({ // as if somebody else had been there in between
    postData: route.request().postData().replace(/version=\d+/, 'version=1'),
  }));
  await drag('working', '.alert');
  want(await lane('waiting').count() === 1, 'a stale move puts the card back');
  await innocent(visitor);
}

// byKeyboard moves a card that waits with Shift and arrows: each column is told, what is refused
// with the reason, and the focus stays on the card.
async function byKeyboard(page, id) {
  const told = () => page.textContent('#board-said');
  const chosen = () => page.evaluate(() => (document.querySelector('.lane.over') || { dataset: {} }).dataset.lane);
  const lane = () => page.evaluate(id => document.querySelector(`[data-card="${id}"]`).closest('[data-lane]').dataset.lane, id);
  await page.focus(`[data-card="${id}"] a.open`);
  await page.keyboard.press('Shift+ArrowLeft');
  want(await chosen() === 'blocked' && (await told()).includes('Enter moves it there'), `one column to the left is told: ${await told()}`);
  await page.keyboard.press('Escape');
  want(await chosen() === undefined && (await told()).includes('stays') && await lane() === 'waiting', 'Escape leaves the card');
  for (let i = 0; i < 8 && !(await page.getAttribute('#board-said', 'class')).includes('wrong'); i++) await page.keyboard.press('Shift+ArrowRight');
  want((await told()).length > 20, 'a column where it may not go tells why');
  await page.keyboard.press('Enter');
  want(await lane() === 'waiting' && await page.locator('article.ticket').count() === 0, 'Enter moves nothing there, and opens nothing');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Shift+ArrowLeft');
  await page.keyboard.press('Enter');
  await page.waitForSelector(`[data-lane=blocked] [data-card="${id}"]`);
  await page.waitForFunction(id => document.activeElement.closest(`[data-card="${id}"]`), id);
  want((await told()).includes(`${id} is there now: Blocked`), `what was done is told: ${await told()}`);
}

// byFinger moves the card back: held for a moment and drawn, while a quick stroke scrolls and a
// card that is let go elsewhere stays.
async function byFinger(page, id) {
  const client = await page.context().newCDPSession(page);
  const touched = async enabled => { // a page that is being swapped meanwhile is laid out in the width of its menu: Chromium's fault, of this switch alone
    await client.send('Emulation.setTouchEmulationEnabled', { enabled });
    await page.reload();
    await page.waitForSelector(`[data-card="${id}"]`);
  };
  await touched(true);
  const middle = async selector => { // once it stands still
    for (let last = null; ;) {
      const box = await page.locator(selector).boundingBox();
      if (last && box.x === last.x && box.y === last.y) return { x: Math.round(box.x + box.width / 2), y: Math.round(box.y + box.height / 2) };
      last = box;
      await page.waitForTimeout(400); // a page is taken anew 250 ms after it has heard of something
    }
  };
  const touch = (type, ...touchPoints) => client.send('Input.dispatchTouchEvent', { type, touchPoints });
  const draw = async (to, held) => {
    const from = await middle(`[data-card="${id}"] .top`);
    await touch('touchStart', from);
    if (held) await page.waitForSelector('.ghost', { state: 'attached' });
    for (const part of [0.3, 0.7, 1]) await touch('touchMove', { x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part });
    if (held) await page.waitForSelector('.ghost', { state: 'attached' });
    await touch('touchEnd');
    await page.waitForSelector('.ghost', { state: 'detached' });
  };
  await draw(await middle('[data-lane=waiting] h2'), false);
  await draw(await middle('h1'), true);
  want(await page.locator(`[data-lane=blocked] [data-card="${id}"]`).count() === 1, 'a quick stroke moves nothing, nor does letting go beside the board');
  await draw(await middle('[data-lane=waiting] h2'), true);
  await page.waitForSelector(`[data-lane=waiting] [data-card="${id}"]`);
  await page.waitForFunction(id => document.getElementById('board-said').textContent.includes(`${id} is there now: Waiting`), id);
  await touched(false);
  await client.detach();
}

// In a stack the button that moves a ticket keeps the focus.
async function stack(browser) {
  const visitor = await visit(browser, site, { who: 'ada' });
  const { page } = visitor;
  await visitor.go('/trackers/HELP/tickets?sort=rank');
  const ids = () => page.$$eval('tr[data-row] .c-number', cells => cells.map(cell => cell.textContent.trim()));
  const before = await ids();
  await page.focus(`#raise-${before[2]}`);
  for (const place of [1, 0]) {
    await page.keyboard.press('Enter');
    await page.waitForFunction(([id, at]) => document.querySelectorAll('tr[data-row] .c-number')[at].textContent.trim() === id, [before[2], place]);
    await page.waitForFunction(id => document.activeElement.id === `raise-${id}`, before[2]);
  }
  await innocent(visitor);
}

async function shortcuts(browser) {
  const visitor = await visit(browser, site, { who: 'ada' });
  const { page } = visitor;
  await page.keyboard.press('?');
  await page.waitForSelector('#shortcuts[open]');
  await page.keyboard.press('Escape');
  await page.keyboard.press('g');
  await page.keyboard.press('t');
  await page.waitForURL('**/tickets');
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  await page.keyboard.press('x');
  want(await page.locator('tr.at input:checked').count() === 1, 'x chooses the row');
  await page.keyboard.press('/');
  want(await page.evaluate(() => document.activeElement.id) === 'find', '/ goes to the search');
  await page.keyboard.press('j');
  want(await page.inputValue('#find') === 'j', 'letters are letters in an input');
  await page.keyboard.press('Escape');
  await visitor.go('/tickets');
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  await page.waitForSelector('article.ticket');
  await visitor.go('/profile');
  await page.check('input[name=keys][value=off]');
  await page.click('form[action="/look"] button.primary');
  await page.waitForSelector('body:not([data-keys])');
  await page.keyboard.press('c');
  await page.keyboard.press('?');
  want(await page.locator('#shortcuts[open]').count() === 0, 'they can be switched off');
  await innocent(visitor);
}

// Two look at one ticket: what one does appears to the other, and that they write.
async function live(browser) {
  const one = await visit(browser, site, { who: 'ada' });
  const two = await visit(browser, site, { who: 'grace' });
  const list = await visit(browser, site, { who: 'zoe' });
  const at = `/tickets/${site.switchboard}`;
  await one.go(at);
  await two.go(at);
  await list.go('/trackers/HELP/tickets?scope=mine');
  await two.page.fill('#body', 'half a sentence');
  await one.page.waitForFunction(() => document.querySelector('#writing').textContent === 'Grace Hopper is writing…');
  await one.page.fill('#body', 'Seen **live**.');
  await one.page.click('#compose button[value=send]');
  await one.page.waitForSelector('#comment-1');
  await two.page.waitForSelector('#comment-1 strong:text("live")');
  want(await two.page.inputValue('#body') === 'half a sentence', 'what one types stays');
  await one.page.click('.panel button[value=waiting]');
  await two.page.waitForSelector('#part-head .s-waiting');
  await list.page.waitForSelector(`tr:has(a[href="${at}"]) .s-waiting`);
  await two.page.fill('#body', '');
  await one.page.waitForFunction(() => document.querySelector('#writing').textContent === '');
  for (const visitor of [one, two, list]) await innocent(visitor);
}

// Every page against the accessibility rules: all of them in light, those of colours in
// dark too; and whether it is wider than the window, wide and at 320 px.
async function accessible(browser, language) {
  const visitors = {};
  const wrong = [];
  for (const one of pages(site)) {
    const who = one.who ?? '';
    visitors[who] ??= await visit(browser, site, { language, who: one.who });
    const { page, go } = visitors[who];
    const rules = async (theme, tags) => {
      const found = await page.evaluate(tags => window.axe.run(document, { resultTypes: ['violations'], runOnly: tags }), tags);
      for (const v of found.violations) wrong.push(`${one.name}, ${theme}: ${v.id}: ${v.nodes.map(n => `${n.html.slice(0, 160)} (${n.any.concat(n.all).map(c => c.message).join(' ').slice(0, 160)})`).slice(0, 3).join(' ++ ')}`);
    };
    const fits = async width => {
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      if (wide > 0) wrong.push(`${one.name}: ${wide} px wider than ${width}`);
    };
    await go(one.path);
    if (one.before) await one.before(page);
    await page.evaluate(await axeSource());
    want(await page.getAttribute('html', 'lang') === language, `${one.name} is in ${language}`);
    await rules('light', ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']);
    await fits(1280);
    await page.emulateMedia({ colorScheme: 'dark' });
    await rules('dark', { type: 'rule', values: ['color-contrast', 'link-in-text-block'] });
    await page.emulateMedia({ colorScheme: 'light' });
    await page.setViewportSize({ width: 320, height: 640 });
    await fits(320);
    await page.setViewportSize({ width: 1280, height: 800 });
  }
  for (const visitor of Object.values(visitors)) {
    wrong.push(...visitor.faults);
    await visitor.close();
  }
  want(wrong.length === 0, wrong.join('\n'));
}

let source;
async function axeSource() {
  source ??= await import('node:fs/promises').then(fs => fs.readFile(axePath, 'utf8'));
  return source;
}

const browser = await open();
const ways = languages.flatMap(language => [true, false].map(scripts => ({ language, scripts, name: `${language} ${scripts ? 'with' : 'without'} scripts` })));
for (const { language, scripts, name } of ways) {
  await step(`set-up ${name}`, () => setUp(browser, site, code, language, scripts, name === ways.at(-1).name));
}
await site.fill();
site.open = await site.invite('Marie Curie', 'marie@example.org');
for (const language of languages) await step(`pages ${language}`, () => accessible(browser, language));
for (const { language, scripts, name } of ways) {
  await step(`life ${name}`, () => life(browser, language, scripts));
  await step(`manager ${name}`, () => manage(browser, site, language, scripts));
  await step(`administrator ${name}`, () => administer(browser, site, language, scripts));
}
for (const scripts of [true, false]) {
  await step(`merge ${scripts ? 'with' : 'without'} scripts`, () => merge(browser, scripts));
  await step(`board ${scripts ? 'with' : 'without'} scripts`, () => board(browser, scripts));
  await step(`bulk ${scripts ? 'with' : 'without'} scripts`, () => bulk(browser, scripts));
}
await step('live', () => live(browser));
await step('stack', () => stack(browser));
await step('shortcuts', () => shortcuts(browser));
await step('alike', () => alike(browser, site));
await step('drafts', () => drafts(browser, site));
await step('pictures', () => pictures(browser, site));
await step('hostile', () => hostile(browser, site)); // the last: nobody likes to read the site after it
await browser.close();
process.exit(failed ? 1 : 0);
