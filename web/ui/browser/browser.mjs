// Chromium, and pages in it that are watched: what goes to another host, what the
// policy of the page forbids, and what fails in scripts is noted.
import { chromium } from 'playwright-core';
import { password } from './site.mjs';

export async function open() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--force-color-profile=srgb'],
  });
}

export const themes = ['light', 'dark'];
export const languages = ['fr', 'en'];

export function want(condition, what) {
  if (!condition) throw new Error(what);
}

// innocent ends a visit in which nothing went to another host, was forbidden or failed.
export async function innocent(visitor) {
  want(visitor.faults.length === 0, `faults: ${visitor.faults.join('; ')}`);
  await visitor.close();
}

// tooFast: a feed is refused to a browser that opens twenty pages within the seconds in
// which the program does not yet know that it has left the others.
const tooFast = message => /status of 503/.test(message.text()) && new URL(message.location().url).pathname === '/live';

// visit begins a browser of somebody: options are language, theme, scripts, width, who, headers.
export async function visit(browser, site, { language = 'en', theme = 'light', scripts = true, width = 1280, height = 800, who = null, headers = {} }) {
  const context = await browser.newContext({
    locale: language === 'fr' ? 'fr-FR' : 'en-GB', colorScheme: theme, javaScriptEnabled: scripts, viewport: { width, height }, timezoneId: 'Europe/Paris', reducedMotion: 'reduce', extraHTTPHeaders: headers,
  });
  const faults = [];
  await context.route('**/*', route => {
    const url = new URL(route.request().url());
    if (url.origin !== site.url && url.protocol !== 'data:') {
      faults.push(`a request to ${url.href}`);
      return route.abort();
    }
    return route.continue();
  });
  if (scripts) {
    await context.exposeFunction('suiviFault', text => { faults.push(text); });
    await context.addInitScript(() => {
      document.addEventListener('securitypolicyviolation', e => window.suiviFault(`policy: ${e.violatedDirective} ${e.blockedURI} at ${e.sourceFile}:${e.lineNumber}`));
    });
  }
  const page = await context.newPage();
  page.on('pageerror', error => faults.push(`script: ${error.message}`));
  page.on('console', message => { if (message.type() === 'error' && !/status of 4\d\d/.test(message.text()) && !tooFast(message)) faults.push(`console: ${message.text()}`); });
  const visitor = { context, page, faults, go: path => page.goto(site.url + path), close: () => context.close() };
  if (who) await signIn(visitor, site.people[who], language);
  return visitor;
}

async function signIn(visitor, person, language) {
  const { page } = visitor;
  await visitor.go('/sign-in');
  await page.fill('#email', person.email);
  await page.fill('#password', person.password ?? password);
  await page.click('form[action="/sign-in"] button.primary');
  await page.waitForSelector('.app');
  if (await page.getAttribute('html', 'lang') !== language) { // people have a language of their own
    await visitor.go('/profile');
    await page.selectOption('#language', language);
    await page.click('form[action="/profile"] button.primary');
    await page.waitForSelector('.said');
    await visitor.go('/');
  }
}
