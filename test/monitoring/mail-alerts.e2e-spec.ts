import { describe, expect, it, onTestFinished } from 'vitest';
import { AlertedService } from '../support/alerts.js';
import { ScriptedSmtp, type SmtpAct, type SmtpStep } from '../support/mail/scripted-smtp.js';

/** A service with alerts, and a mail server that refuses until it is repaired. */
async function withServer(
  act: (step: SmtpStep, line: string) => SmtpAct | undefined,
  env: Record<string, string> = {},
) {
  let isWell = false;
  const server = await ScriptedSmtp.start((step, line) => (isWell ? undefined : act(step, line)));
  const alerted = await AlertedService.start({ env: { SMTP_PORT: String(server.port), ...env } });
  onTestFinished(async () => {
    await alerted.stop();
    await server.stop();
  });
  const { database } = alerted.service;
  const fail = async () => {
    await alerted.onboard();
    await alerted.work();
  };
  const mend = async () => {
    isWell = true;
    await database.rows('update notification_channel_states set paused_until = now(), failures = 1');
    await database.rows('update graphile_worker._private_jobs set run_at = now()');
    await alerted.work();
  };
  return { alerted, fail, mend };
}

const LOGIN = { SMTP_USERNAME: 'mingus', SMTP_PASSWORD: 'swordfish-0123' };

describe('an alert fires and ends', () => {
  it('when no TLS session with the mail server can be established, and it is not the alert about the login', async () => {
    const { alerted, fail, mend } = await withServer((step, line) => {
      if (step === 'EHLO') return '250-scripted\r\n250 STARTTLS';
      return line === 'STARTTLS' ? '454 4.7.0 TLS not available' : undefined;
    }, LOGIN);

    await alerted.proves(
      'smtp_tls',
      async () => {
        await fail();
        await alerted.evaluate();
        expect(await alerted.alert('smtp_auth')).toMatchObject({ state: 'inactive' });
      },
      mend,
    );
  });

  it.each([
    ['a quota', '550 5.4.5 Daily user sending limit exceeded', '550 5.4.5 quota'],
    [
      'a block list',
      '554 5.7.1 Client host [192.0.2.1] blocked using zen.spamhaus.org',
      '554 5.7.1 reputation',
    ],
  ])('when the mail server refuses mail because of us: %s', async (_, reply, detail) => {
    const { alerted, fail, mend } = await withServer((step) => (step === 'message' ? reply : undefined));

    await alerted.proves('mail_refused', fail, mend);

    expect(alerted.hook.texts.join()).toContain(detail);
  });
});
