// A site to look at: people, trackers and tickets as a school's help desk has them,
// made through the API, and sessions made through the pages.
import { deflateSync, crc32 } from 'node:zlib';

export const password = 'un cheval bien correct';

export class Site {
  constructor(url, token) {
    this.url = url;
    this.token = token;
    this.people = {};
  }

  async api(method, path, body, headers = {}) {
    const sent = { Authorization: `Bearer ${this.token}`, ...headers };
    if (body !== undefined && !(body instanceof FormData)) {
      sent['Content-Type'] = 'application/json';
      body = JSON.stringify(body);
    }
    const answer = await fetch(`${this.url}/api/v1${path}`, { method, headers: sent, body });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    this.position = answer.headers.get('X-Suivi-Position') ?? this.position;
    return text ? JSON.parse(text) : {};
  }

  as(name) {
    return { 'X-Suivi-Actor': this.people[name].id };
  }

  // person makes an account with a password, by an invitation.
  async person(key, name, language) {
    const email = `${key}@example.org`;
    const { invitation, secret } = await this.api('POST', '/invitations', { name, email });
    const form = new URLSearchParams({ name, password, zone: 'Europe/Paris' });
    const headers = { 'Accept-Language': language, 'Content-Type': 'application/x-www-form-urlencoded' };
    const answer = await fetch(`${this.url}/invitations/${secret}`, { method: 'POST', body: form, headers, redirect: 'manual' });
    if (answer.status !== 303) throw new Error(`accept the invitation of ${name}: ${answer.status} ${await answer.text()}`);
    this.people[key] = { id: invitation.person.id, name, email };
  }

  // invite leaves an invitation open, for its page to be looked at.
  async invite(name, email) {
    return (await this.api('POST', '/invitations', { name, email })).secret;
  }

  async fill() {
    await this.person('ada', 'Ada Lovelace', 'en');
    await this.person('grace', 'Grace Hopper', 'en');
    await this.person('emile', 'Émile Durand', 'fr');
    await this.person('zoe', 'Zoé Martin', 'fr');
    await this.person('root', 'Alan Turing', 'en');
    const id = key => this.people[key].id;
    await this.api('PATCH', `/people/${id('root')}`, { admin: true });
    await this.api('POST', '/trackers', {
      key: 'HELP', name: 'Assistance technique', mode: 'ticketing', workflow: 'strict',
      intro: { fr: 'Dites-nous ce qui ne marche pas, et où. Nous répondons en général le jour même.', en: 'Tell us what does not work, and where. We mostly answer the same day.' },
      members: { [id('ada')]: ['manager', 'resolver'], [id('grace')]: ['developer'], [id('emile')]: ['reporter'], [id('zoe')]: ['reporter'] },
    });
    await this.api('POST', '/trackers', {
      key: 'PEDA', name: 'Outils pédagogiques', mode: 'bugtracker',
      members: { [id('ada')]: ['manager'], [id('grace')]: ['resolver'], [id('emile')]: ['reporter'] },
    });
    await this.fields();
    await this.api('PUT', '/trackers/PEDA/parent', { parent: 'HELP' });
    await this.api('PUT', '/trackers/HELP/roles/developer', { revoked: ['see-rank'], granted: ['write-resolution'] });
    await this.tickets();
    await this.administration();
    await this.settle();
  }

  async fields() {
    const option = (code, fr, en) => ({ code, label: { fr, en } });
    const fields = {
      kind: { type: 'dropdown', label: { fr: 'Type', en: 'Kind' }, listable: true, mandatory: true, options: [option('hardware', 'Matériel', 'Hardware'), option('network', 'Réseau', 'Network'), option('account', 'Compte', 'Account')] },
      room: { type: 'text', label: { fr: 'Salle', en: 'Room' }, listable: true, help: { fr: 'Comme sur la porte, par exemple B12.', en: 'As on the door, say B12.' } },
      serial: { type: 'text', label: { fr: 'Numéro de série', en: 'Serial number' }, mandatory: true, condition: { field: 'kind', answers: ['hardware'] } },
      since: { type: 'date', label: { fr: 'Depuis le', en: 'Since' } },
      seats: { type: 'number', label: { fr: 'Postes touchés', en: 'Seats affected' } },
      impact: { type: 'radio', layout: 'horizontal', label: { fr: 'Gêne', en: 'Impact' }, options: [option('low', 'Faible', 'Low'), option('mid', 'Moyenne', 'Medium'), option('high', 'Forte', 'High')] },
      systems: { type: 'checkbox', label: { fr: 'Systèmes', en: 'Systems' }, options: [option('linux', 'Linux', 'Linux'), option('mac', 'macOS', 'macOS'), option('win', 'Windows', 'Windows')] },
      page: { type: 'url', label: { fr: 'Page concernée', en: 'Page' } },
      cost: { type: 'number', label: { fr: 'Coût estimé', en: 'Estimated cost' }, hidden: true },
    };
    for (const [code, field] of Object.entries(fields)) await this.api('PUT', `/trackers/HELP/fields/${code}`, field);
  }

  async post(tracker, as, summary, more = {}) {
    const answers = tracker === 'HELP' ? { kind: 'network', room: 'B12', ...more.answers } : more.answers;
    return (await this.api('POST', `/trackers/${tracker}/tickets`, { summary, ...more, answers }, this.as(as))).id;
  }

  async tickets() {
    const say = (id, as, body, internal = false) => this.api('POST', `/tickets/${id}/comments`, { body, internal }, this.as(as));
    const give = (id, to) => this.api('PUT', `/tickets/${id}/assignee`, { user: this.people[to].id }, this.as('ada'));
    const move = (id, to, more = {}) => this.api('POST', `/tickets/${id}/state`, { to, ...more }, this.as('ada'));

    const lamp = await this.post('HELP', 'emile', 'Le vidéoprojecteur de l’amphi B reste noir', {
      description: 'Depuis **lundi**, rien ne s’affiche :\n\n- la lampe s’allume quelques secondes,\n- puis plus rien.\n\n> « Signal absent » s’affiche une fois sur deux.\n\nVoir aussi [la notice](https://example.org/notice).',
      answers: { kind: 'hardware', serial: 'PJ-2231-B', room: 'Amphi B', since: '2026-11-23', seats: '120', impact: 'high', systems: 'linux,win', page: 'https://example.org/salles/amphi-b' },
    });
    await give(lamp, 'grace');
    await move(lamp, 'working');
    await say(lamp, 'grace', 'J’ai remplacé le câble HDMI, sans effet. Je commande une lampe.');
    await say(lamp, 'grace', 'Facture à imputer sur le budget *amphithéâtres*, voir avec Ada.', true);
    await say(lamp, 'emile', 'Merci ! Le cours de jeudi peut se tenir en salle 214 en attendant.');
    const files = new FormData();
    files.append('files', new Blob([picture(320, 200)], { type: 'image/png' }), 'ecran-noir.png');
    files.append('files', new Blob(['%PDF-1.4\n'], { type: 'application/pdf' }), 'bon-de-commande.pdf');
    await this.api('POST', `/tickets/${lamp}/attachments`, files, this.as('emile'));
    await this.api('POST', `/tickets/${lamp}/raise-requests`, { reason: 'Soutenances jeudi matin.', urgent: true }, this.as('emile'));

    const switchboard = await this.post('HELP', 'zoe', 'Plus de réseau filaire au deuxième étage', { description: 'Toutes les prises du couloir est sont mortes.' });
    await give(switchboard, 'grace');
    await this.api('PUT', `/tickets/${lamp}/prerequisites/${switchboard}`, undefined, this.as('ada'));
    const done = await this.post('HELP', 'emile', 'Compte bloqué après trois mots de passe faux', { answers: { kind: 'account', room: '' } });
    await give(done, 'ada');
    await move(done, 'working');
    await move(done, 'resolved', { resolution: 'Compte débloqué ; le mot de passe a été réinitialisé.' });
    const waiting = await this.post('HELP', 'zoe', 'Printer in the staff room prints blank pages');
    await give(waiting, 'grace');
    await move(waiting, 'waiting', { comment: 'Which tray do you use?' });
    await this.post('HELP', 'emile', 'The clock in the lecture hall is five minutes late');
    await this.post('HELP', 'zoe', 'Demande de deux prises supplémentaires en salle de réunion, car les ordinateurs portables des jurys n’ont pas assez d’autonomie pour une journée');
    const quiz = await this.post('PEDA', 'emile', 'Quiz results are not shown to students');
    await this.api('PUT', `/tickets/${quiz}/assignee`, { user: this.people.grace.id }, this.as('ada'));
    await this.post('PEDA', 'emile', 'Add a captions track to the lecture videos');
    await this.api('PUT', `/tickets/${quiz}/watchers/${this.people.ada.id}`, {}, this.as('ada'));
    this.lamp = lamp;
    this.switchboard = switchboard;
  }

  // administration leaves something to look after: a shared field, a deleted ticket.
  async administration() {
    const option = (code, fr, en, retired) => ({ code, label: { fr, en }, retired });
    await this.api('PUT', '/fields/building', { type: 'dropdown', label: { fr: 'Bâtiment', en: 'Building' }, options: [option('a', 'Bâtiment A', 'Building A'), option('b', 'Bâtiment B', 'Building B'), option('old', 'Ancien bâtiment', 'Old building', true)] });
    await this.api('PUT', '/fields/phone', { type: 'text', label: { fr: 'Téléphone', en: 'Telephone' } });
    await this.api('PUT', '/trackers/PEDA/fields/building', { shared: true });
    await this.mirror();
    const gone = await this.post('PEDA', 'emile', 'Message posté deux fois');
    await this.api('DELETE', `/tickets/${gone}`, undefined, this.as('ada'));
  }

  // mirror is one in a Redmine that nobody has: its pages are to be good then too.
  async mirror() {
    const site = 'http://127.0.0.1:9/redmine';
    await this.api('PUT', '/admin/secrets/redmine', { site, value: 'a key that is shown nowhere' });
    await this.api('PUT', '/trackers/PEDA/mirrors/redmine', {
      site, secret: 'redmine', project: 'outils', deletion: 'close', paused: true,
      states: { open: '1', working: '2', resolved: '5' }, fixed: { tracker: '3', 'external-id': '1' }, fields: { building: { as: 'field', id: '7', answers: { a: 'A' } } },
      people: { [this.people.grace.id]: '4' },
    });
  }

  // settle waits until lists show everything.
  async settle() {
    await this.api('GET', '/tickets', undefined, { 'X-Suivi-After': this.position });
  }
}

// picture is a PNG of a smooth gradient.
export function picture(width, height) {
  const rows = Buffer.alloc(height * (1 + width * 3));
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = y * (1 + width * 3) + 1 + x * 3;
      rows[at] = 20 + (x * 60) / width; rows[at + 1] = 40 + (y * 90) / height; rows[at + 2] = 60 + ((x + y) * 50) / (width + height);
    }
  }
  const chunk = (type, data) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(data.length);
    const sum = Buffer.alloc(4);
    sum.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, sum]);
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width); head.writeUInt32BE(height, 4); head[8] = 8; head[9] = 2;
  return Buffer.concat([Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]), chunk('IHDR', head), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))]);
}
