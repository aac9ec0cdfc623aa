import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { aCustomer, anEvent, type Fields } from './support/builders.js';
import { ADMIN_KEY, type Answer, request, TestApp } from './support/test-app.js';
import { waitFor } from './support/wait-for.js';

const paragraph = (text: string) => ({ type: 'paragraph', text });

/** Content an operator could write. */
function someContent(fields: Fields = {}): Fields {
  return {
    subject: 'Hello{{#if name}} {{name}}{{/if}}, your {{brandName}} is ready',
    preheader: 'One click away',
    blocks: [
      { type: 'heading', text: 'Hello {{#if name}}{{name}}{{else}}there{{/if}}' },
      paragraph('Since {{customerSince}} you pay in {{currency}}.'),
      { type: 'button', label: 'Go', url: 'https://mingus.test/campaign?x=1' },
    ],
    ...fields,
  };
}

describe('what operators make of a message', () => {
  let service: TestApp;

  beforeAll(async () => {
    service = await TestApp.start({ jobs: true });
  });
  afterAll(() => service.stop());
  beforeEach(async () => {
    await call('DELETE', 'welcome/en');
  });

  function call(method: string, path: string, body?: unknown): Promise<Answer> {
    return request(`${service.url}/admin/templates/${path}`, {
      method,
      headers: {
        authorization: `Bearer ${ADMIN_KEY}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  }

  const save = (content: unknown, template = 'welcome/en') => call('PUT', template, content);
  const versionsOf = async (template: string) => (await call('GET', `${template}/versions`)).body as Fields[];

  /** The subject of the welcome that a new customer gets. */
  async function welcome(fields: Fields = {}): Promise<string | undefined> {
    const { metadata } = await service.createUser();
    const customer = aCustomer({ metadata, name: 'Ada', ...fields });
    await service.deliver(anEvent(customer));
    await waitFor('three mails', () => service.smtp.to(customer.email).length === 3);
    return service.smtp
      .to(customer.email)
      .map(({ mail }) => mail.subject)
      .find((subject) => /Hello|Welcome|bienvenida/.test(subject ?? ''));
  }

  it('is what customers of its language get, until it is taken back', async () => {
    await save(someContent());

    expect(await welcome()).toBe('Hello Ada, your MINGUS is ready');
    expect(await welcome({ name: null })).toBe('Hello, your MINGUS is ready');
    expect(await welcome({ preferred_locales: ['es'] })).toBe('Te damos la bienvenida a MINGUS, Ada');

    await call('DELETE', 'welcome/en');
    expect(await welcome()).toBe('Welcome to MINGUS, Ada');
  });

  it('is kept in versions, to any of which one can go back', async () => {
    const first = await save(someContent({ subject: 'First' }), 'portal_access/es');
    const second = await save(someContent({ subject: 'Second' }), 'portal_access/es');
    expect([first.body.version, second.body.version]).toEqual([1, 2]);

    const rolledBack = await call('POST', 'portal_access/es/rollback', { version: 1 });

    expect(rolledBack).toMatchObject({ status: 200, body: { version: 1, active: true, subject: 'First' } });
    expect(await versionsOf('portal_access/es')).toMatchObject([
      { version: 2, active: false, subject: 'Second' },
      { version: 1, active: true, subject: 'First' },
    ]);
    const { body } = await call('GET', 'portal_access/preview?locale=es&format=json');
    expect(body.subject).toBe('First');
    const third = await save(someContent({ subject: 'Third' }), 'portal_access/es');
    expect(third.body.version).toBe(3);
  });

  it('starts from what the message says now', async () => {
    const { body } = await call('GET', 'onboarding_guide/es');
    const { activeVersion, ...content } = body;
    expect(activeVersion).toBeNull();
    expect(content.subject).toBe('Tu primera semana con {{brandName}}');

    expect((await save(content, 'onboarding_guide/es')).status).toBe(200);
    expect((await call('GET', 'onboarding_guide/es')).body).toEqual({ ...content, activeVersion: 1 });
  });

  it('can be looked at before it is saved', async () => {
    const { status, body } = await call('POST', 'welcome/en/preview?customer=nameless', someContent());

    expect(status).toBe(200);
    expect(body).toMatchObject({ subject: 'Hello, your MINGUS is ready', locale: 'en' });
    expect(body.html).toContain('Hello there');
    expect(body.text).toContain('Go: https://mingus.test/campaign?x=1');
    expect((await call('GET', 'welcome/en')).body.activeVersion).toBeNull();
  });

  it('is one version for each of many who save at once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, index) => save(someContent({ subject: `Hello ${index}` }), 'welcome/es')),
    );

    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 200));
    const versions = await versionsOf('welcome/es');
    expect(versions.map(({ version }) => version)).toEqual([8, 7, 6, 5, 4, 3, 2, 1]);
    expect(versions.filter(({ active }) => active)).toMatchObject([{ version: 8 }]);
  });

  it('leaves a trail of every change', async () => {
    const { body: saved } = await save(someContent());
    await save(someContent());
    await call('POST', 'welcome/en/rollback', { version: saved.version });
    await call('DELETE', 'welcome/en');

    const { body } = await service.admin('audit-entries?limit=4');

    const { version } = saved;
    expect(body.items).toMatchObject([
      { action: 'template.reset', objectId: 'welcome/en', details: { before: version, after: null } },
      {
        action: 'template.rolled_back',
        objectId: 'welcome/en',
        details: { before: version + 1, after: version },
      },
      { action: 'template.saved', objectId: 'welcome/en', details: { before: version, after: version + 1 } },
      { action: 'template.saved', objectId: 'welcome/en', details: { before: null, after: version } },
    ]);
    expect(body.items[0]).toMatchObject({
      actorType: 'operator',
      objectType: 'template',
      source: 'admin_api',
    });
  });

  it.each([
    ['an unknown field', 'Hi {{nam}}', 'unknown_field at blocks[1].text:1:6'],
    [
      'an unknown field nobody would see in a preview',
      'Hi {{#if name}}{{x}}{{/if}}',
      'unknown_field at blocks[1].text:1:18',
    ],
    ['an unclosed tag', 'Hi {{#if name}}there', 'template_syntax at blocks[1].text:1:'],
    ['an unclosed brace', 'Hi {{name', 'template_syntax at blocks[1].text:1:'],
    ['a tag that closes another', '{{#if name}}x{{/unless}}', 'template_syntax at blocks[1].text:1:'],
    ['a calculation', 'Hi {{7*7}}', 'template_syntax at blocks[1].text:1:'],
    ['a loop', '{{#each name}}x{{/each}}', 'unsupported_expression at blocks[1].text:1:1'],
    ['a partial', 'Hi {{> layout}}', 'unsupported_expression at blocks[1].text:1:4'],
    ['a helper', '{{lookup name "length"}}', 'unsupported_expression at blocks[1].text:1:1'],
    ['a way to the prototype', '{{name.constructor}}', 'unknown_field at blocks[1].text:1:3'],
    ['the prototype itself', '{{__proto__}}', 'unknown_field at blocks[1].text:1:3'],
    ['HTML', 'Hi <b>you</b>', 'html_in_text at blocks[1].text:1:4'],
    ['a script', '</td><script>alert(1)</script>', 'html_in_text at blocks[1].text:1:1'],
    ['a line break', 'Hi\r\nBcc: x', 'not_one_line at blocks[1].text:1:3'],
    ['a NUL', 'Hi\u0000', 'not_one_line at blocks[1].text:1:3'],
    ['nothing', '  ', 'empty_text at blocks[1].text'],
    ['2,001 characters', 'x'.repeat(2001), 'too_long at blocks[1].text'],
    ['no text', 7, 'wrong_shape at blocks[1].text'],
  ])('cannot be saved with %s in a text', async (_, text, problem) => {
    const before = await service.database.count('template_overrides');

    const { status, body } = await save(
      someContent({ blocks: [{ type: 'heading', text: 'Hello' }, paragraph(text as string)] }),
    );

    expect({ status, code: body.code }).toEqual({ status: 422, code: 'template_invalid' });
    expect(body.errors).toEqual([expect.stringContaining(problem)]);
    expect(await service.database.count('template_overrides')).toBe(before);
  });

  it.each<[string, Fields, number, string]>([
    ['no subject', { subject: undefined }, 400, 'subject must be a string'],
    ['a subject of blanks', { subject: ' ' }, 422, 'empty_text at subject'],
    [
      'a subject that nameless people would not have',
      { subject: '{{#if name}}x{{/if}}' },
      422,
      'empty_text at subject',
    ],
    ['a subject with a header', { subject: 'x\r\nBcc: a@x.test' }, 422, 'not_one_line at subject:1:2'],
    ['a subject of 151 characters', { subject: 'x'.repeat(151) }, 422, 'too_long at subject'],
    ['no blocks', { blocks: [] }, 422, 'wrong_shape at blocks'],
    ['blocks that are none', { blocks: 'x' }, 400, 'blocks must be an array'],
    ['31 blocks', { blocks: Array.from({ length: 31 }, () => paragraph('x')) }, 422, 'wrong_shape at blocks'],
    ['no heading', { blocks: [paragraph('x')] }, 422, 'wrong_shape at blocks: must hold a heading'],
    ['a block of no type', { blocks: [null] }, 422, 'wrong_shape at blocks[0].type'],
    [
      'a block of an inherited type',
      { blocks: [{ type: 'constructor' }] },
      422,
      'wrong_shape at blocks[0].type',
    ],
    ['raw HTML', { blocks: [{ type: 'html', html: '<b>' }] }, 422, 'wrong_shape at blocks[0].type'],
    [
      'a field too many',
      { blocks: [{ type: 'heading', text: 'x', style: 'y' }] },
      422,
      'wrong_shape at blocks[0].style',
    ],
    ['an empty list', { blocks: [{ type: 'list', items: [] }] }, 422, 'wrong_shape at blocks[0].items'],
    [
      'a step without title',
      { blocks: [{ type: 'steps', steps: [{ text: 'x' }] }] },
      422,
      'wrong_shape at blocks[0].steps[0].title',
    ],
    [
      'a link that runs',
      { blocks: [{ type: 'link', label: 'x', url: 'javascript:alert(1)' }] },
      422,
      'unknown_target at blocks[0].url',
    ],
    [
      'a link in the clear',
      { blocks: [{ type: 'button', label: 'x', url: 'http://x.test' }] },
      422,
      'unknown_target at blocks[0].url',
    ],
    [
      'a link to a field',
      { blocks: [{ type: 'button', label: 'x', url: '{{email}}' }] },
      422,
      'unknown_target at blocks[0].url',
    ],
    ['a field nobody knows', { html: '<b>' }, 400, 'property html should not exist'],
  ])('cannot be saved with %s', async (_, fields, status, problem) => {
    const before = await service.database.count('template_overrides');

    const answer = await save(someContent(fields));

    expect(answer.status).toBe(status);
    expect(answer.body.errors.join('\n')).toContain(problem);
    expect(await service.database.count('template_overrides')).toBe(before);
  });

  it.each([
    ['PUT', 'farewell/en', someContent(), 400],
    ['PUT', 'welcome/fr', someContent(), 400],
    ['GET', 'welcome/en-GB', undefined, 400],
    ['GET', 'constructor/en/versions', undefined, 400],
    ['POST', 'welcome/en/rollback', {}, 400],
    ['POST', 'welcome/en/rollback', { version: '1' }, 400],
    ['POST', 'welcome/en/rollback', { version: 0 }, 400],
    ['POST', 'welcome/en/rollback', { version: 99_999 }, 404],
    ['POST', 'welcome/en/preview?customer=nobody', someContent(), 400],
    ['GET', 'welcome/preview?locale=fr', undefined, 400],
    ['GET', 'welcome/preview?format=pdf', undefined, 400],
    ['GET', 'farewell/preview', undefined, 400],
    ['GET', 'preview?kind=x', undefined, 400],
  ])('answers %s %s that it does not understand', async (method, path, body, status) => {
    expect((await call(method, path, body)).status).toBe(status);
  });
});

describe('a stored override that cannot be rendered any more', () => {
  it('costs nobody the message: the built-in one is sent, logged and counted', async () => {
    const service = await TestApp.start({ jobs: true });
    try {
      await service.database.rows(
        `insert into template_overrides (id, kind, language, version, subject, preheader, blocks, active, created_at)
         values (gen_random_uuid(), 'welcome', 'en', 1, 'Hello {{fieldOfOldTimes}}', 'x', '[]', true, now())`,
      );
      const { metadata } = await service.createUser();
      const customer = aCustomer({ metadata, name: 'Ada' });

      await service.deliver(anEvent(customer));

      await waitFor('three mails', () => service.smtp.to(customer.email).length === 3);
      const subjects = service.smtp.to(customer.email).map(({ mail }) => mail.subject);
      expect(subjects).toContain('Welcome to MINGUS, Ada');
      const { body } = await request(`${service.url}/metrics`, {});
      expect(body).toContain('template_override_failures_total{kind="welcome",language="en"} 1');
    } finally {
      await service.stop();
    }
  });
});
