import { describe, expect, it, onTestFinished } from 'vitest';
import { hasEnded, isPostponed, onboard, waitForEach, waitUntilSent } from '../support/mail/deliveries.js';
import { HAS_POSTFIX, Postfix } from '../support/mail/postfix.js';
import { TestApp } from '../support/test-app.js';
import { waitFor } from '../support/wait-for.js';

const DISK_FULL = ['message_size_limit = 1000000', 'queue_minfree = 100000000000000'];
const ONE_IS_GONE = [
  'smtpd_recipient_restrictions = check_recipient_access inline:{ { gone@example.com = 550 5.1.1 No such user } }',
];

async function withPostfix(settings: readonly string[]): Promise<{ service: TestApp; postfix: Postfix }> {
  const postfix = await Postfix.start(settings);
  const service = await TestApp.start({ jobs: true, env: { SMTP_PORT: String(postfix.port) } });
  onTestFinished(async () => {
    await service.stop();
    postfix.stop();
  });
  return { service, postfix };
}

describe.runIf(HAS_POSTFIX)('a real Postfix (needs /usr/sbin/postfix, and root)', () => {
  it('takes every message, an international address included', async () => {
    const { service, postfix } = await withPostfix([]);

    const sent = [
      ...(await waitUntilSent(service, await onboard(service))),
      ...(await waitUntilSent(service, await onboard(service, 'zoë@jõgeva.example'))),
    ];

    for (const { id, attemptLog } of sent) {
      expect(attemptLog).toMatchObject([{ outcome: 'accepted', smtpCode: 250 }]);
      await waitFor('logged', () => postfix.log.includes(`message-id=<${id}@mingus.test>`));
    }
  });

  it('with a full disk slows the channel down, and gets all messages when there is room', async () => {
    const { service, postfix } = await withPostfix(DISK_FULL);
    const customer = await onboard(service);

    const postponed = await waitForEach(service, customer, 'each postponed', isPostponed);

    expect(postponed.flatMap(({ attemptLog }) => attemptLog)).toContainEqual(
      expect.objectContaining({ outcome: 'rate_limited', smtpCode: 452, enhancedCode: '4.3.1' }),
    );
    postfix.restart();
    await waitUntilSent(service, customer);
  });

  it('that does not know a recipient causes a suppression', async () => {
    const { service } = await withPostfix(ONE_IS_GONE);

    await waitForEach(service, await onboard(service, 'gone@example.com'), 'each ended', hasEnded);

    const { body } = await service.admin('suppressions');
    expect(body.items).toMatchObject([
      { address: 'gone@example.com', source: 'smtp 550 5.1.1 (no such user)' },
    ]);
  });
});
