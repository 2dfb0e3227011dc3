// What managers and administrators do, in both languages, with and without JavaScript.
import { innocent, visit, want } from './browser.mjs';
import { password } from './site.mjs';

const words = {
  fr: { code: 'Ce n’est pas le code', welcome: 'Bienvenue', comment: 'commentaire', granted: 'Accordé', posted: 'Ticket posté', invited: 'Marc Bloch', equal: 'Chaque ligne', state: 'Posté' },
  en: { code: 'This is not the code', welcome: 'Welcome', comment: 'comment', granted: 'Granted', posted: 'Ticket posted', invited: 'Marc Bloch', equal: 'Every row', state: 'Posted' },
};

// setUp: the first administrator and tracker of a new site. The code is tried wrongly in
// each language and way; the last time it is right, and there is no set-up any more.
export async function setUp(browser, site, code, language, scripts, last) {
  const visitor = await visit(browser, site, { language, scripts });
  const { page } = visitor;
  await visitor.go('/');
  want(new URL(page.url()).pathname === '/setup', 'a new site is set up first');
  const fill = async given => {
    for (const [id, value] of Object.entries({ code: given, name: 'Germaine Tillion', email: 'germaine@example.org', password, zone: 'Europe/Paris', tracker: 'Informatique', key: 'INFO' })) await page.fill(`#${id}`, value);
    await page.selectOption('#mode', 'ticketing');
    await page.click('form[action="/setup"] button.primary');
  };
  await fill('AAAA-BBBB-CCCC-DDDD');
  await page.waitForSelector('.alert');
  want((await page.textContent('.alert')).includes(words[language].code), 'a wrong code is told in the language');
  want(await page.inputValue('#name') === 'Germaine Tillion' && await page.inputValue('#password') === '', 'what was typed is kept, but for the password');
  if (last) {
    await fill(code);
    await page.waitForSelector('.app');
    want((await page.textContent('main')).includes(words[language].welcome), 'the desk says welcome');
    await page.click('.side a[href="/trackers/INFO/tickets"]');
    await page.waitForSelector('.side a[href="/trackers/INFO/settings"]');
    want((await visitor.go('/setup')).status() === 404, 'a site is set up once');
    await page.goto(site.url + '/');
  }
  await innocent(visitor);
}

// manage: a field with a condition, the workflow with a look at what would change, a
// right, a member, a raise request, a report.
export async function manage(browser, site, language, scripts) {
  const key = `M${language}${scripts ? 'S' : 'N'}`.toUpperCase();
  const id = who => site.people[who].id;
  await site.api('POST', '/trackers', { key, name: `Atelier ${key}`, mode: 'ticketing', workflow: 'strict', members: { [id('ada')]: ['manager', 'resolver'], [id('grace')]: ['developer'], [id('emile')]: ['reporter'] } });
  const option = (code, fr, en) => ({ code, label: { fr, en } });
  await site.api('PUT', `/trackers/${key}/fields/kind`, { type: 'dropdown', label: { fr: 'Type', en: 'Kind' }, options: [option('hardware', 'Matériel', 'Hardware'), option('network', 'Réseau', 'Network')] });
  const first = await site.post(key, 'emile', 'La perceuse à colonne vibre', { answers: { kind: 'hardware' } });
  const second = await site.post(key, 'emile', 'Étau grippé', { answers: { kind: 'hardware' } });
  await site.api('PUT', `/tickets/${first}/assignee`, { user: id('grace') });
  await site.api('POST', `/tickets/${second}/raise-requests`, { reason: 'Cours demain.', urgent: true }, site.as('emile'));
  await site.settle();
  const visitor = await visit(browser, site, { language, scripts, who: 'ada' });
  const { page } = visitor;
  const at = `/trackers/${key}/settings`;

  await visitor.go(`${at}/new-field?type=text`);
  await page.fill('#label-fr', 'Numéro de série');
  await page.fill('#label-en', 'Serial number');
  await page.fill('#code', 'serial');
  await page.selectOption('#on-field', 'kind');
  if (!scripts) await page.click('noscript button[value=look], #parts button[value=look]');
  await page.check('[name="condition.answer"][value=hardware]');
  await page.click('#field .row button[value=save]');
  await page.waitForSelector('.said');
  const reporter = await visit(browser, site, { language, scripts, who: 'emile' });
  await reporter.go(`/trackers/${key}/new`);
  want(await reporter.page.locator('#field-serial').count() === 0, 'the field is not asked before its condition holds');
  await reporter.page.selectOption('#field-kind', 'hardware');
  if (!scripts) await reporter.page.click('button[value=refresh]');
  await reporter.page.waitForSelector('#field-serial');

  await visitor.go(`${at}/workflow`);
  await page.click(`a[href="${at}/workflow/open"]`);
  await page.waitForSelector('[name="working.0.need"]');
  await page.check('[name="working.0.need"][value=comment]');
  await page.uncheck('[name="blocked.0.role"][value=developer]');
  await page.click('button[value=look]');
  await page.waitForSelector('.ask-card .loss .s-blocked');
  const open = async () => (await site.api('GET', `/trackers/${key}/workflow`)).rules.filter(rule => rule.from === 'open');
  want(!(await open()).some(rule => rule.requires?.length), 'a look changes nothing');
  await page.click('button[value=save]');
  await page.waitForSelector('.said');
  want((await open()).some(rule => rule.to === 'working' && rule.requires?.includes('comment')), 'the rule is changed');
  const developer = await visit(browser, site, { language, scripts, who: 'grace' });
  await developer.go(`/tickets/${first}`); // which opens it
  await developer.page.waitForSelector('.panel .now .s-open');
  want((await developer.page.textContent('.panel a.move:has(.s-working)')).includes(words[language].comment), 'the change wants a comment now');
  want(await developer.page.locator('.panel .moves .s-blocked').count() === 0, 'and another is no longer theirs');

  await visitor.go(`${at}/rights`);
  await page.check('[name="right.developer"][value=write-resolution]');
  await page.click('form[action$="/rights"] button.primary');
  await page.waitForSelector('.said');
  await page.waitForSelector('.differs [name="right.developer"][value=write-resolution]:checked');
  await developer.go(`/tickets/${first}/edit`);
  await developer.page.waitForSelector('#resolution-text');

  const other = await visit(browser, site, { language, scripts, who: 'zoe' });
  want((await other.go(`/trackers/${key}/new`)).status() === 404, 'who is no member sees no tracker');
  await visitor.go(`${at}/members`);
  await page.fill('#who', site.people.zoe.email);
  await page.check('.add [name=role][value=reporter]');
  await page.click('.add button.primary');
  await page.waitForSelector(`[name="role.${id('zoe')}"][value=reporter]:checked`);
  want((await other.go(`/trackers/${key}/new`)).status() === 200, 'a member posts');

  await visitor.go(`/tickets/${second}`);
  await page.fill('#answer-1', 'Oui');
  await page.click('.raise button[value=grant]');
  await page.waitForSelector('.raise .good');
  await visitor.go(`/trackers/${key}/tickets?sort=rank`);
  want((await page.textContent('tr[data-row] .c-number, tbody tr')).includes(second), 'the granted ticket is on top');

  await visitor.go(`/reports?tracker=${key}`);
  want((await page.textContent('.figure strong')).trim() === '2', 'the report counts the tickets');
  want((await page.textContent('main')).includes(words[language].state), 'states are in the language');
  await page.click('.figure a');
  await page.waitForSelector(`a.open[href="/tickets/${first}"]`);
  await reporter.go('/');
  for (const one of [visitor, reporter, developer]) await innocent(one);
  other.faults.length = 0; // the page that is not there
  await innocent(other);
}

// administer: a tracker, an invitation, a token revoked, projections, the audit and a replay.
export async function administer(browser, site, language, scripts) {
  const say = words[language];
  const key = `A${language}${scripts ? 'S' : 'N'}`.toUpperCase();
  const visitor = await visit(browser, site, { language, scripts, who: 'root' });
  const { page } = visitor;
  page.on('dialog', dialog => dialog.accept());
  await visitor.go('/');
  await page.click('.side a[href="/trackers/new"]');
  await page.waitForSelector('form[action="/trackers/new"]');
  await page.fill('#name', `Bureau ${key}`);
  await page.fill('#key', key);
  await page.check('[name=mode][value=bugtracker]');
  await page.check('[name=mine]');
  await page.click('form[action="/trackers/new"] button.primary');
  await page.waitForSelector(`.side a[href="/trackers/${key}/settings"]`);

  await visitor.go('/admin/people');
  await page.click('a[href="/admin/people/invite"]');
  await page.waitForSelector('form[action="/admin/people/invite"]');
  await page.fill('#name', say.invited);
  await page.fill('#email', `marc-${key.toLowerCase()}@example.org`);
  await page.click('form[action="/admin/people/invite"] button.primary');
  const link = (await page.textContent('.secret code')).trim();
  const guest = await visit(browser, site, { language, scripts });
  await guest.page.goto(link.startsWith('http') ? link : site.url + link);
  want((await guest.page.textContent('.lead')).includes(`marc-${key.toLowerCase()}@example.org`), 'the invitation names its person');
  await guest.page.fill('#password', password);
  await guest.page.click('form button.primary');
  await guest.page.waitForSelector('.app');
  want((await guest.go('/admin')).status() === 404, 'who is invited administers nothing');
  guest.faults.length = 0;
  await innocent(guest);

  await visitor.go('/profile/tokens');
  await page.fill('#label', `Script ${key}`);
  await page.selectOption('#scope', 'read');
  await page.click('form[action="/profile/tokens"] button.primary');
  const token = (await page.textContent('.secret code')).trim();
  const me = () => fetch(`${site.url}/api/v1/me`, { headers: { Authorization: `Bearer ${token}` } }).then(answer => answer.status);
  want(await me() === 200, 'a token signs in');
  await page.click(`tr:has-text("Script ${key}") form[action$="/revoke"] button`);
  await page.waitForSelector('.said');
  for (const until = Date.now() + 5000; await me() !== 401;) want(Date.now() < until, 'a revoked token signs in');

  await visitor.go('/admin');
  want(await page.locator('form:has(button[value=rebuild])').count() >= 5, 'each read model has its row');
  await page.click('button[value=verify]');
  if (!scripts) while (await page.locator('#look').count()) await page.click('#look');
  await page.waitForSelector('.result .good');
  want((await page.textContent('main')).includes(say.equal), 'what came of it is told in the language');

  const id = await site.post(key, 'root', `Lampe ${key}`);
  await site.api('POST', `/tickets/${id}/comments`, { body: 'Vu.' }, site.as('root'));
  await site.settle();
  await visitor.go('/admin/audit');
  await page.fill('#person', site.people.root.name);
  await page.selectOption('#tracker', key);
  await page.click('form[action="/admin/audit"] button.primary');
  await page.waitForSelector('.audit tbody tr');
  want((await page.textContent('.audit')).includes(say.posted), 'events are told in the language');
  await page.click(`.audit tr:has-text("${say.posted}") a[href^="/admin/audit/${id}"]`);
  await page.waitForSelector('.steps .at');
  const step = async () => (await page.textContent('.steps .at .number')).trim();
  const before = await step();
  await page.click('a[rel=next]');
  await page.waitForFunction(before => document.querySelector('.steps .at .number').textContent.trim() !== before, before).catch(() => {});
  want(await step() !== before, 'a replay goes on step by step');
  want((await page.textContent('.was')).includes(`Lampe ${key}`), 'it shows the ticket as it was');
  await innocent(visitor);
}
