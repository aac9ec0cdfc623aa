import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { aCustomer, anEvent, aUser, type Fields } from '../support/builders.js';
import { makeEverythingDue, queuedJobs } from '../support/jobs.js';
import { callTemplates, someContent } from '../support/pages/template-content.js';
import { TestApp } from '../support/test-app.js';
import { waitFor } from '../support/wait-for.js';
import { anExperiment, armsWith, aUserOf, endExperiments, startExperiment } from './an-experiment.js';

const subject = (words: string) => ({ subject: words });
const MINUTE_MS = 60_000;

describe('the messages of an arm', () => {
  let service: TestApp;

  beforeAll(async () => {
    service = await TestApp.start({ jobs: true });
    for (const words of ['First', 'Second', 'Third'])
      await callTemplates(service, 'PUT', 'welcome/en', someContent(subject(words)));
  });
  afterAll(() => service.stop());
  afterEach(() => endExperiments(service));

  /** @returns the address of a new customer */
  async function onboard(userId: string, fields: Fields = {}): Promise<string> {
    await service.createUser(aUser({ id: userId })).catch(() => undefined);
    const customer = aCustomer({ metadata: { mingus_user_id: userId }, ...fields });
    await service.deliver(anEvent(customer));
    return customer.email;
  }

  const messageOf = async (email: string, kind = 'welcome') => {
    const [message] = await service.database.rows<{
      id: string;
      status: string;
      reason: string | null;
      due: Date;
    }>(
      `select n.id, n.status, n.reason, next_attempt_at as due, n.created_at as "createdAt", template_version as version
       from notifications n join customers c on c.id = n.customer_id
       where c.email = $1 and kind = $2 and channel = 'email'`,
      [email, kind],
    );
    return message as NonNullable<typeof message> & { createdAt: Date; version: number | null };
  };
  const subjects = (email: string) => service.smtp.to(email).map(({ mail }) => mail.subject);
  const mailed = (email: string, count: number) =>
    waitFor(`${count} mails`, () => subjects(email).length === count);

  it('use its version of the template, also when they are sent again after the template has changed', async () => {
    const messages = [{ kind: 'welcome', templateVersion: 2 }];
    await startExperiment(service, anExperiment('version', { arms: armsWith({ messages }) }));
    const [a, b] = [await onboard(aUserOf('version', 'a')), await onboard(aUserOf('version', 'b'))];
    await mailed(a, 3);
    await mailed(b, 3);
    expect([subjects(a).includes('Third'), subjects(b).includes('Second')]).toEqual([true, true]);

    await callTemplates(service, 'PUT', 'welcome/en', someContent(subject('Fourth')));
    const { id, version } = await messageOf(b);
    await service.admin(`notifications/${id}/resend`, { force: true });
    await mailed(b, 4);
    expect([version, subjects(b).at(-1)]).toEqual([2, 'Second']);
    expect((await service.admin(`notifications/${id}`)).body.templateVersion).toBe(2);
  });

  it('use the built-in content for version 0, and the active version where the language has not the version', async () => {
    const messages = [{ kind: 'welcome', templateVersion: 0 }];
    await startExperiment(service, anExperiment('built-in', { arms: armsWith({ messages }) }));
    const builtIn = await onboard(aUserOf('built-in', 'b'), { name: 'Ada' });
    await mailed(builtIn, 3);
    expect(subjects(builtIn)).toContain('Welcome to MINGUS, Ada');
    await endExperiments(service);

    const missing = [{ kind: 'welcome', templateVersion: 1 }];
    await startExperiment(service, anExperiment('missing', { arms: armsWith({ messages: missing }) }));
    const spanish = await onboard(aUserOf('missing', 'b'), { name: 'Ada', preferred_locales: ['es'] });
    await mailed(spanish, 3);
    expect(subjects(spanish)).toContain('Te damos la bienvenida a MINGUS, Ada');
  });

  it('wait for its delay', async () => {
    const messages = [{ kind: 'onboarding_guide', delayMinutes: 90 }];
    await startExperiment(service, anExperiment('delay', { arms: armsWith({ messages }) }));
    const email = await onboard(aUserOf('delay', 'b'));
    await mailed(email, 2);
    const waiting = await messageOf(email, 'onboarding_guide');
    expect(waiting).toMatchObject({ status: 'queued', reason: 'experiment' });
    expect(waiting.due.getTime() - waiting.createdAt.getTime()).toBe(90 * MINUTE_MS);
    const jobs = await queuedJobs(service.database, 'deliver-notification');
    expect(jobs.map(({ runAt }) => runAt)).toContainEqual(waiting.due);

    await makeEverythingDue(service.database);
    await mailed(email, 3);
    expect(await messageOf(email, 'onboarding_guide')).toMatchObject({ status: 'sent', reason: null });
  });

  it('are not sent if it says so, which is shown, and not sent by a replay either', async () => {
    const messages = [{ kind: 'onboarding_guide', send: false }];
    await startExperiment(service, anExperiment('silence', { arms: armsWith({ messages }) }));
    const userId = aUserOf('silence', 'b');
    await service.createUser(aUser({ id: userId }));
    const event = anEvent(aCustomer({ metadata: { mingus_user_id: userId } }));
    const { body } = await service.deliver(event);
    expect(body.notifications_sent).toBe(2);
    const email = (event.data as { object: { email: string } }).object.email;
    await mailed(email, 2);
    const silent = await messageOf(email, 'onboarding_guide');
    expect(silent).toMatchObject({ status: 'suppressed', reason: 'experiment', due: null });

    await service.database.rows('delete from notifications where id = $1', [silent.id]);
    await service.admin(`webhook-events/${event.id}/replay`, {});
    expect(await messageOf(email, 'onboarding_guide')).toMatchObject({
      status: 'suppressed',
      reason: 'experiment',
    });
  });

  it('are those of the user when a customer is linked, which assigns no arm', async () => {
    const messages = [{ kind: 'welcome', templateVersion: 1 }];
    await startExperiment(service, anExperiment('linked', { arms: armsWith({ messages }) }));
    const [early, other] = [aUserOf('linked', 'b'), aUserOf('linked', 'b')];
    for (const id of [early, other]) await service.createUser(aUser({ id }));
    await service.backend(`users/${early}/experiments`, 'POST');
    for (const [userId, version] of [
      [early, 1],
      [other, null],
    ] as const) {
      const { id: first } = await service.createUser();
      const customer = aCustomer({ metadata: { mingus_user_id: first } });
      await service.deliver(anEvent(customer));
      await mailed(customer.email, 3);
      await service.database.rows(
        `delete from notifications where customer_id = (select id from customers where stripe_customer_id = $1)`,
        [customer.id],
      );
      await service.admin(`customers/${customer.id}/link`, { userId });
      expect((await messageOf(customer.email)).version).toBe(version);
    }
    expect((await service.backend(`users/${other}/experiments`)).body.experiments).toEqual([]);
  });
});
