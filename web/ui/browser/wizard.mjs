// node wizard.mjs URL TOKEN REDMINE KEY PROJECT PROJECT [FOLDER]: two managers connect a tracker to a
// real Redmine, step by step: one with JavaScript, the other without and in French. Each that went
// well is a line "ok NAME". FOLDER is for pictures of every step.
import { join } from 'node:path';
import { innocent, open, themes, visit, want } from './browser.mjs';
import { Site } from './site.mjs';

const [url, token, redmine, key, ...rest] = process.argv.slice(2);
const [projects, folder] = [rest.slice(0, 2), rest[2]];
const site = new Site(url, token);

const words = {
  en: { unmapped: 'This state has no status there', fine: 'Nothing keeps it from working', before: '0 of 2 tickets are in step', imported: '2 tickets were brought into step', same: 'All 2 tickets are in step' },
  fr: { unmapped: 'Cet état n’a pas de statut là-bas', fine: 'Rien ne l’empêche de fonctionner', before: '0 ticket sur 2', imported: '2 tickets mis à jour', same: 'Les 2 tickets sont à jour' },
};

// fill makes a tracker with a field that Redmine has too, one that becomes the priority, and two tickets.
async function fill(tracker) {
  const id = name => site.people[name].id;
  await site.api('POST', '/trackers', { key: tracker, name: 'Assistance technique', mode: 'ticketing', members: { [id('ada')]: ['manager', 'resolver'], [id('emile')]: ['reporter'] } });
  await site.api('PUT', `/trackers/${tracker}/fields/customer`, { type: 'text', label: { fr: 'Client', en: 'Customer' } });
  await site.api('PUT', `/trackers/${tracker}/fields/urgency`, { type: 'dropdown', label: { fr: 'Urgence', en: 'Urgency' }, options: [
    { code: 'low', label: { fr: 'Basse', en: 'Low' } }, { code: 'high', label: { fr: 'Haute', en: 'High' } }] });
  const lamp = await site.post(tracker, 'emile', 'La lampe du vidéoprojecteur est morte', { answers: { customer: 'ACME', urgency: 'high' } });
  await site.post(tracker, 'emile', 'No ink');
  await site.api('POST', `/tickets/${lamp}/comments`, { body: 'Depuis *hier*.' }, site.as('emile'));
  await site.settle();
  return lamp;
}

// picture shows a step in both themes, wide and narrow.
async function picture(page, name) {
  if (!folder) return;
  for (const colorScheme of themes) {
    for (const [size, width] of [['wide', 1280], ['narrow', 360]]) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 800 });
      await page.screenshot({ path: join(folder, `wizard-${name}-${size}-${colorScheme}.png`), fullPage: true });
    }
  }
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize({ width: 1280, height: 800 });
}

// leave ends a visit; where pictures were taken, these set styles that the policy of pages forbids.
const leave = visitor => (folder ? visitor.close() : innocent(visitor));

// keep is the administrator's part: a secret for this tracker, and for those before it.
async function keep(browser, trackers, scripts) {
  const visitor = await visit(browser, site, { who: 'root', scripts });
  const { page } = visitor;
  await visitor.go('/admin/mirrors');
  if (trackers.length === 1) {
    await page.fill('#secret-name', 'redmine');
    await page.fill('#secret-site', redmine);
    await page.fill('#secret-value', key);
    await page.fill('#secret-trackers', trackers[0]);
    await page.click('form[action="/admin/secrets"] button.primary');
  } else {
    await page.fill('form[action="/admin/secrets/allow"] [name=trackers]', trackers.join(' '));
    await page.click('form[action="/admin/secrets/allow"] button');
  }
  await page.waitForSelector('.said');
  want(await page.inputValue('form[action="/admin/secrets/allow"] [name=trackers]') === trackers.join(', '), 'the trackers are kept');
  await picture(page, `0-secret-${trackers.length}`);
  await leave(visitor);
}

// works orders a long work on the mirror's page and waits for what it comes to; without scripts one looks again.
async function works(page, scripts, work, come) {
  await page.click(`.todo button[value=${work}]`);
  await page.waitForSelector('#doing');
  for (let tries = 0; ; tries++) {
    const shown = await page.$eval('#doing', doing => ({ text: doing.textContent, running: !!doing.querySelector('.running'), ends: !!doing.querySelector('button[value=cancel]') }));
    if (shown.text.includes(come)) return;
    want(tries < 120, `${work} comes to ${come}: ${shown.text}`);
    want(shown.running === shown.ends, 'who waits may end it');
    if (shown.running) await picture(page, `running-${work}`);
    if (scripts) await page.waitForTimeout(250);
    else await page.reload();
  }
}

async function connect(browser, { language, scripts, tracker, project, trackers }) {
  const say = words[language];
  const ticket = await fill(tracker);
  await keep(browser, trackers, scripts);
  const visitor = await visit(browser, site, { language, scripts, who: 'ada' });
  const { page } = visitor;
  const shot = name => picture(page, `${name}-${language}`);
  await visitor.go(`/trackers/${tracker}/settings/mirrors`);
  await shot('1-tools');
  await page.click('a.primary[href$="/mirrors/redmine/edit"]');
  await page.waitForSelector('#secret');
  await shot('2-where');
  await page.selectOption('#secret', 'redmine');
  await page.click('button[value=read]');
  await page.waitForSelector('#project');
  await shot('3-project');
  await page.selectOption('#project', project);
  await page.click('button[value=propose]');
  await page.waitForSelector('[name="states.open"]');
  const value = name => page.inputValue(`[name="${name}"]`);
  want(await value('states.working') === '2' && await value('fields.urgency') === 'priority' && await value('fixed.external-id') === '1', 'what is called alike is proposed');
  want(await value('fields.customer.id') === '6', 'a field that is there is proposed');
  await shot('4-proposed');

  await page.selectOption('[name="states.working"]', '');
  await page.check('[name=deletion][value=close]');
  await page.click('button[value=check]');
  await page.waitForSelector('.problems');
  want((await page.textContent('.problems')).includes(say.unmapped), await page.textContent('.problems'));
  want(await page.locator('.is-wrong [name="states.working"]').count() === 1, 'it is told at its place');
  want(await page.isChecked('[name=deletion][value=close]'), 'what was chosen stays');
  await shot('5-problem');
  await page.selectOption('[name="states.working"]', '2');
  await page.click('button[value=check]');
  await page.waitForSelector('.result .good');
  want((await page.textContent('.result')).includes(say.fine), await page.textContent('.result'));
  await shot('6-mended');
  await page.click('button[value=save]');
  await page.waitForSelector('.todo');
  await shot('7-saved');

  await works(page, scripts, 'look', say.before);
  await shot('8-looked');
  await page.click('.todo button[value=on]');
  await page.waitForSelector('.todo button[value=off]');
  await works(page, scripts, 'import', say.imported);
  await shot('9-imported');
  await works(page, scripts, 'verify', say.same);
  await shot('10-verified');
  await visitor.go(`/tickets/${ticket}`);
  want(await page.locator(`.panel a[href^="${redmine}/issues/"]`).count() === 1, 'the ticket leads to its twin');
  await shot('11-ticket');
  await leave(visitor);
}

await site.person('ada', 'Ada Lovelace', 'en');
await site.person('emile', 'Émile Durand', 'fr');
await site.person('root', 'Alan Turing', 'en');
await site.api('PATCH', `/people/${site.people.root.id}`, { admin: true });
const browser = await open();
let failed = 0;
for (const one of [
  { language: 'en', scripts: true, tracker: 'DESK', project: projects[0], trackers: ['DESK'] },
  { language: 'fr', scripts: false, tracker: 'PEDA', project: projects[1], trackers: ['DESK', 'PEDA'] },
]) {
  const name = `${one.language} ${one.scripts ? 'with' : 'without'} scripts`;
  try {
    await connect(browser, one);
    console.log(`ok ${name}`);
  } catch (error) {
    failed++;
    console.log(`FAILED ${name}: ${String(error.stack ?? error).replaceAll('\n', ' | ').slice(0, 6000)}`);
  }
}
await browser.close();
process.exit(failed ? 1 : 0);
