// node screenshots.mjs URL TOKEN FOLDER [NAME…]: every page in both themes, both
// languages, narrow and wide.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { languages, open, themes, visit } from './browser.mjs';
import { pages } from './pages.mjs';
import { Site } from './site.mjs';

const [url, token, folder, ...names] = process.argv.slice(2);
const site = new Site(url, token);
await site.fill();
site.open = await site.invite('Marie Curie', 'marie@example.org');
await mkdir(folder, { recursive: true });
const browser = await open();
for (const language of languages) {
  for (const theme of themes) {
    for (const [size, width] of [['wide', 1280], ['narrow', 360]]) {
      const visitors = {};
      for (const page of pages(site)) {
        if (names.length && !names.includes(page.name)) continue;
        const who = page.who ?? '';
        visitors[who] ??= await visit(browser, site, { language, theme, width, who: page.who });
        const visitor = visitors[who];
        await visitor.go(page.path);
        if (page.before) await page.before(visitor.page);
        await visitor.page.screenshot({ path: join(folder, `${page.name}-${size}-${theme}-${language}.png`), fullPage: true });
      }
      for (const visitor of Object.values(visitors)) await visitor.close();
    }
  }
}
await browser.close();
