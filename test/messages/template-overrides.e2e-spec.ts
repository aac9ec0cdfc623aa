import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { aCustomer, anEvent, type Fields } from '../support/builders.js';
import { callTemplates, HEADING, PORTAL_BUTTON, someContent } from '../support/pages/template-content.js';
import { request, TestApp } from '../support/test-app.js';
import { waitFor } from '../support/wait-for.js';

describe('a template override', () => {
  let service: TestApp;

  beforeAll(async () => {
    service = await TestApp.start({ jobs: true });
  });
  afterAll(() => service.stop());
  beforeEach(async () => {
    await call('DELETE', 'welcome/en');
  });

  const call = (method: string, path: string, body?: unknown) => callTemplates(service, method, path, body);
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

  it('is sent to customers of its language until it is withdrawn', async () => {
    await save(someContent());

    expect(await welcome()).toBe('Hello Ada, your MINGUS is ready');
    expect(await welcome({ name: null })).toBe('Hello, your MINGUS is ready');
    expect(await welcome({ preferred_locales: ['es'] })).toBe('Te damos la bienvenida a MINGUS, Ada');

    await call('DELETE', 'welcome/en');
    expect(await welcome()).toBe('Welcome to MINGUS, Ada');
  });

  it('is kept in versions, each of which can be restored', async () => {
    const blocks = [HEADING, PORTAL_BUTTON];
    const first = await save(someContent({ subject: 'First', blocks }), 'portal_access/es');
    const second = await save(someContent({ subject: 'Second', blocks }), 'portal_access/es');
    expect([first.body.version, second.body.version]).toEqual([1, 2]);

    const rolledBack = await call('POST', 'portal_access/es/rollback', { version: 1 });

    expect(rolledBack).toMatchObject({ status: 200, body: { version: 1, active: true, subject: 'First' } });
    expect(await versionsOf('portal_access/es')).toMatchObject([
      { version: 2, active: false, subject: 'Second' },
      { version: 1, active: true, subject: 'First' },
    ]);
    const { body } = await call('GET', 'portal_access/preview?locale=es&format=json');
    expect(body.subject).toBe('First');
    const third = await save(someContent({ subject: 'Third', blocks }), 'portal_access/es');
    expect(third.body.version).toBe(3);
  });

  it('starts from the current content', async () => {
    const { body } = await call('GET', 'onboarding_guide/es');
    const { activeVersion, ...content } = body;
    expect(activeVersion).toBeNull();
    expect(content.subject).toBe('Tu primera semana con {{brandName}}');

    expect((await save(content, 'onboarding_guide/es')).status).toBe(200);
    expect((await call('GET', 'onboarding_guide/es')).body).toEqual({ ...content, activeVersion: 1 });
  });

  it('can be previewed before it is saved', async () => {
    const { status, body } = await call('POST', 'welcome/en/preview?customer=nameless', someContent());

    expect(status).toBe(200);
    expect(body).toMatchObject({ subject: 'Hello, your MINGUS is ready', locale: 'en' });
    expect(body.html).toContain('Hello there');
    expect(body.text).toContain('Go: https://mingus.test/campaign?x=1');
    expect((await call('GET', 'welcome/en')).body.activeVersion).toBeNull();
  });

  it('is one version for each of many parallel saves', async () => {
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
});

describe('a stored override that can no longer be rendered', () => {
  it('is replaced by the built-in content, logged and counted', async () => {
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
