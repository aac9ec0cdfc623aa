import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { isSent, onboard, waitForEach } from '../support/mail/deliveries.js';
import { aBounce } from '../support/mail/mail-reports.js';
import { testEnvironment, TestApp } from '../support/test-app.js';

let service: TestApp;

beforeAll(async () => {
  service = await TestApp.start({ jobs: true });
});
afterAll(() => service.stop());

describe('a mailbox file', () => {
  it('is read mail by mail', async () => {
    const customer = await onboard(service);
    const [sent] = await waitForEach(service, customer, 'each sent', isSent);
    const id = sent?.id as string;
    const messageId = `<${id}@mingus.test>`;
    const folder = mkdtempSync(join(tmpdir(), 'mingus-mbox-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const bounce = aBounce({ messageId, recipient: customer.email });
    const mails = [bounce, 'Subject: Hi\n\n>From here on\n', aBounce({})];
    const file = join(folder, 'bounces');
    writeFileSync(file, mails.map((mail) => `From MAILER-DAEMON Tue Nov 24 2026\n${mail}\n\n`).join(''));

    const { stdout, stderr } = spawnSync('node', ['dist/read-mailbox.js', file], {
      env: { ...process.env, ...testEnvironment(service.database.url, service.smtp.port) },
      encoding: 'utf8',
    });

    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual({ mails: 3, hard_bounce: 1, not_a_report: 1, unknown_message: 1 });
    expect((await service.admin(`notifications/${id}`)).body).toMatchObject({
      status: 'failed',
      reason: 'bounced',
    });
  });
});
