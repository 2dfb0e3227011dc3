// node guide.mjs URL DEMO FOLDER: the pictures of the guides, of a demo whose demo.json
// is DEMO, in both languages.
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { languages, open, visit } from './browser.mjs';

const [url, demo, folder] = process.argv.slice(2);
const { passwords } = JSON.parse(await readFile(demo, 'utf8'));
const people = {};
for (const [name, key] of [['reporter', 'emma.bovary'], ['developer', 'jean.passepartout'], ['manager', 'phileas.fogg'], ['admin', 'irene.adler']]) {
  const email = `${key}@demo.example`;
  people[name] = { email, password: passwords[email] };
}
const site = { url, people };
const summary = { fr: 'L’écran de la salle B12 clignote', en: 'The screen in room B12 flickers' };
const first = async page => { await page.click('.c-summary a.open >> nth=0'); await page.waitForSelector('.ticket'); };

// Each picture: who looks, where, what is done before, how high it is.
const pictures = language => [
  { name: 'sign-in', path: '/sign-in', height: 460 },
  { name: 'post', who: 'reporter', path: `/trackers/HELP/new?summary=${encodeURIComponent(summary[language])}&answers.kind=hardware&answers.room=B12` },
  { name: 'desk-reporter', height: 560, who: 'reporter', path: '/' },
  { name: 'ticket-reporter', who: 'reporter', path: '/tickets?scope=mine&list=all', before: first },
  { name: 'desk', height: 560, who: 'developer', path: '/' },
  { name: 'list', height: 460, who: 'developer', path: '/trackers/HELP/tickets' },
  { name: 'filters', height: 460, who: 'developer', path: '/trackers/HELP/tickets?state=waiting', before: page => page.click('.drop summary >> nth=0') },
  { name: 'columns', height: 520, who: 'developer', path: '/trackers/HELP/tickets', before: page => page.click('.columns-of summary') },
  { name: 'list-past', height: 460, who: 'developer', path: `/trackers/HELP/tickets?at=${new Date(Date.now() - 30 * 86400e3).toISOString().slice(0, 19)}Z` },
  { name: 'board', height: 500, who: 'developer', path: '/trackers/HELP/tickets?view=board' },
  { name: 'ticket', who: 'developer', path: '/tickets?scope=work', before: first },
  { name: 'bulk', height: 520, who: 'manager', path: '/trackers/HELP/tickets', before: async page => { for (const n of [1, 2, 4]) await page.check(`tbody tr:nth-child(${n}) input[name=ticket]`); } },
  { name: 'bulk-preview', height: 620, who: 'manager', path: '/trackers/HELP/tickets', before: async page => {
    for (const n of [1, 2, 4]) await page.check(`tbody tr:nth-child(${n}) input[name=ticket]`);
    await page.selectOption('#bulk-state', 'working');
    await page.click('.bulkbar button.primary');
    await page.waitForSelector('button[value=go]');
  } },
  { name: 'priority', height: 480, who: 'manager', path: '/trackers/HELP/tickets?sort=rank' },
  { name: 'report', who: 'manager', path: '/reports?tracker=HELP' },
  { name: 'report-evolution', who: 'manager', path: '/reports/evolution?months=12' },
  { name: 'settings-fields', height: 620, who: 'manager', path: '/trackers/HELP/settings/fields' },
  { name: 'audit', height: 420, who: 'admin', path: '/admin/audit', before: page => page.evaluate(() => document.querySelector('.ledger').scrollIntoView()) },
  { name: 'admin-site', height: 620, who: 'admin', path: '/admin/site' },
  { name: 'profile', who: 'admin', path: '/profile' },
];

const browser = await open();
for (const language of languages) {
  await mkdir(join(folder, language), { recursive: true });
  const visitors = {};
  for (const picture of pictures(language)) {
    const who = picture.who ?? '';
    visitors[who] ??= await visit(browser, site, { language, width: 1040, height: 640, who: picture.who });
    const { page, go } = visitors[who];
    await page.setViewportSize({ width: 1040, height: picture.height ?? 640 });
    await go(picture.path);
    if (picture.before) await picture.before(page);
    await page.screenshot({ path: join(folder, language, `${picture.name}.png`) });
  }
  for (const visitor of Object.values(visitors)) await visitor.close();
}
await browser.close();
