// Every page there is to look at: a name, an address, who looks, and what is done before.
export function pages(site) {
  const ticket = `/tickets/${site.lamp}`;
  return [
    { name: 'sign-in', path: '/sign-in' },
    { name: 'sign-in-wrong', path: '/sign-in', before: async page => { await page.fill('#email', 'x@example.org'); await page.fill('#password', 'nothing of it'); await page.click('button.primary'); await page.waitForSelector('.alert'); } },
    { name: 'invitation', path: `/invitations/${site.open}` },
    { name: 'not-found', path: '/nowhere', },
    { name: 'desk', path: '/', who: 'grace' },
    { name: 'desk-reporter', path: '/', who: 'emile' },
    { name: 'list', path: '/trackers/HELP/tickets?list=all', who: 'ada' },
    { name: 'list-bulk', path: '/trackers/HELP/tickets', who: 'ada', before: async page => { await page.check('tr:nth-child(2) input[name=ticket]'); await page.check('tr:nth-child(3) input[name=ticket]'); } },
    { name: 'list-rank', path: '/trackers/HELP/tickets?sort=rank', who: 'ada' },
    { name: 'list-filters', path: '/trackers/HELP/tickets?state=working,waiting&assignee=me', who: 'ada', before: page => page.click('.drop summary') },
    { name: 'list-all', path: '/tickets', who: 'ada' },
    { name: 'list-reporter', path: '/tickets?scope=mine', who: 'emile' },
    { name: 'ticket', path: ticket, who: 'grace' },
    { name: 'ticket-manager', path: ticket, who: 'ada', before: page => page.click('details.why summary') },
    { name: 'ticket-reporter', path: ticket, who: 'emile' },
    { name: 'past', path: `${ticket}/past?at=4&from=1`, who: 'ada' },
    { name: 'dependencies', path: `${ticket}/dependencies`, who: 'ada' },
    { name: 'branch', path: `${ticket}/comments/1/branch`, who: 'ada' },
    { name: 'state', path: `${ticket}/state`, who: 'ada' },
    { name: 'assignee', path: `${ticket}/assignee`, who: 'ada' },
    { name: 'edit', path: `${ticket}/edit`, who: 'ada' },
    { name: 'remark', path: `${ticket}/comments/1/edit`, who: 'grace' },
    { name: 'revisions', path: `${ticket}/comments/1/revisions`, who: 'grace' },
    { name: 'choose', path: '/new', who: 'emile' },
    { name: 'post', path: '/trackers/HELP/new?answers.kind=hardware', who: 'emile' },
    { name: 'post-wrong', path: '/trackers/HELP/new', who: 'ada', before: async page => { await page.evaluate(() => { document.querySelector('#post').noValidate = true; }); await page.click('#post button[value=send]'); await page.waitForSelector('.alert'); } },
    { name: 'thanks', path: `${ticket}/posted`, who: 'emile' },
    { name: 'profile', path: '/profile', who: 'ada' },
  ];
}
