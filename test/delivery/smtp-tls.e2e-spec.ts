import { createServer, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { isPostponed, isSent, onboard, waitForEach } from '../support/mail/deliveries.js';
import { AlertEvaluator } from '../../src/monitoring/alerts/evaluation/alert-evaluator.service.js';
import { MAIL_TRANSPORT } from '../../src/notifications/email/mail-transport.js';
import { promptly } from '../support/alerts.js';
import { findFreePort } from '../support/free-port.js';
import { ScriptedSmtp } from '../support/mail/scripted-smtp.js';
import { SmtpSink, type SmtpSinkOptions } from '../support/mail/smtp-sink.js';
import { TestApp } from '../support/test-app.js';

/** A server that offers STARTTLS with a self-signed certificate. */
async function withTls(env: Record<string, string> = {}, options: SmtpSinkOptions = {}) {
  const secured: boolean[] = [];
  const smtp = await SmtpSink.start({
    disabledCommands: [],
    onMailFrom: (_address, { secure }, callback) => {
      secured.push(secure);
      callback();
    },
    ...options,
  });
  const service = await TestApp.start({ jobs: true, smtp, env });
  onTestFinished(async () => {
    await service.stop();
    await smtp.stop();
  });
  return { service, secured };
}

/** What nodemailer's types leave out. */
interface SmtpPool {
  transporter: { options: { greetingTimeout: number } };
}

type Interruption = (socket: Socket) => void;
const RESET: Interruption = (socket) => void socket.resetAndDestroy();
const CLOSE: Interruption = (socket) => void socket.destroy();
const SILENCE: Interruption = () => undefined;

/** A server that fails as soon as the client begins with TLS. Without TLS it accepts mail. */
async function withBrokenTls(
  interruption: Interruption,
  at: 'STARTTLS' | 'hello' | 'first byte',
  env: Record<string, string>,
) {
  const sockets = new Set<Socket>();
  const answer = (socket: Socket, text: string) => void (socket.destroyed || socket.write(text));
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined));
    if (at === 'first byte') return void socket.once('data', () => interruption(socket));
    answer(socket, '220 broken ESMTP\r\n');
    let inMessage = false;
    socket.on('data', (data) => {
      const text = data.toString('latin1');
      if (inMessage) {
        inMessage = !text.endsWith('\r\n.\r\n');
        return inMessage ? undefined : answer(socket, '250 queued\r\n');
      }
      if (text.startsWith('EHLO')) return answer(socket, '250-broken\r\n250 STARTTLS\r\n');
      if (text.startsWith('STARTTLS') && at === 'STARTTLS') return interruption(socket);
      if (text.startsWith('STARTTLS')) answer(socket, '220 go\r\n');
      else if (text.startsWith('DATA')) {
        inMessage = true;
        answer(socket, '354 go ahead\r\n');
      } else if (text.startsWith('\x16')) interruption(socket);
      else answer(socket, '250 ok\r\n');
    });
  });
  const port = await findFreePort();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const service = await TestApp.start({
    jobs: true,
    env: { SMTP_PORT: String(port), ALERT_RULES: promptly(), ...env },
  });
  // The service waits ten seconds for a greeting and for a handshake. Here it waits two.
  const { transporter } = service.app.get<SmtpPool>(MAIL_TRANSPORT);
  transporter.options.greetingTimeout = 2000;
  onTestFinished(async () => {
    await service.stop();
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return service;
}

const stateOf = (service: TestApp) =>
  service.database.rows('select channel, reason from notification_channel_states');

describe('opportunistic TLS', () => {
  it.each<Record<string, string>>([{}, { SMTP_TLS: 'opportunistic' }])(
    'accepts a self-signed certificate: %j',
    async (env) => {
      const { service, secured } = await withTls(env);

      await waitForEach(service, await onboard(service), 'each sent', isSent);

      expect(secured).toEqual([true, true, true]);
    },
  );

  it('continues without TLS if it fails', async () => {
    const { service, secured } = await withTls({}, { maxVersion: 'TLSv1.1' });

    await waitForEach(service, await onboard(service), 'each sent', isSent);

    expect(secured).toEqual([false, false, false]);
  });

  it('continues without TLS if the server offers it but does not have it', async () => {
    const server = await ScriptedSmtp.start((step, line) => {
      if (step === 'EHLO') return '250-scripted\r\n250 STARTTLS';
      return line === 'STARTTLS' ? '454 4.7.0 TLS not available due to local problem' : undefined;
    });
    const service = await TestApp.start({ jobs: true, env: { SMTP_PORT: String(server.port) } });
    onTestFinished(async () => {
      await service.stop();
      await server.stop();
    });

    await waitForEach(service, await onboard(service), 'each sent', isSent);

    expect(server.messages).toHaveLength(3);
  });

  it('never continues without TLS if a password would follow', async () => {
    const login = { SMTP_USERNAME: 'mingus', SMTP_PASSWORD: 'swordfish-0123' };
    const { service, secured } = await withTls(login, { maxVersion: 'TLSv1.1' });

    await waitForEach(service, await onboard(service), 'each postponed', isPostponed);

    expect(secured).toEqual([]);
    expect(await stateOf(service)).toEqual([{ channel: 'email', reason: 'ETLS tls' }]);
  });
});

describe('TLS that is required', () => {
  it.each([
    ['a self-signed certificate', { SMTP_TLS: 'required' }, {}],
    ['a self-signed certificate, from the first byte', { SMTP_TLS: 'implicit' }, { secure: true }],
    ['a server that speaks none', { SMTP_TLS: 'implicit' }, {}],
    ['a server that offers none', { SMTP_TLS: 'required' }, { disabledCommands: ['STARTTLS'] }],
    ['no version in common', { SMTP_TLS: 'required' }, { maxVersion: 'TLSv1.1' }],
  ] as const)(
    'fails with %s: the error is recorded as such, and no attempt is counted',
    async (_, env, options) => {
      const { service, secured } = await withTls(env, { ...options } as SmtpSinkOptions);

      const waiting = await waitForEach(service, await onboard(service), 'each postponed', isPostponed);

      expect(waiting.map(({ attempts }) => attempts)).toEqual([0, 0, 0]);
      expect(waiting.flatMap(({ attemptLog }) => attemptLog)).toContainEqual(
        expect.objectContaining({ outcome: 'channel_fault', errorCode: 'ETLS', phase: 'connect' }),
      );
      const [state] = await stateOf(service);
      expect(state?.reason).toMatch(/\btls$/);
      expect(secured).toEqual([]);
    },
  );
});

describe('TLS that breaks', () => {
  it.each<[string, Interruption, 'STARTTLS' | 'hello' | 'first byte', string]>([
    ['a reset after STARTTLS', RESET, 'STARTTLS', 'required'],
    ['a reset during the handshake', RESET, 'hello', 'required'],
    ['a reset during the handshake from the first byte', RESET, 'first byte', 'implicit'],
    ['an end after STARTTLS', CLOSE, 'STARTTLS', 'required'],
    ['an end during the handshake', CLOSE, 'hello', 'required'],
    ['silence during the handshake', SILENCE, 'hello', 'required'],
  ])(
    'is recorded as a fault of TLS, with the alert for it: %s',
    async (_, interruption, at, SMTP_TLS) => {
      const service = await withBrokenTls(interruption, at, { SMTP_TLS });

      const waiting = await waitForEach(service, await onboard(service), 'each postponed', isPostponed);

      expect(waiting.map(({ attempts }) => attempts)).toEqual([0, 0, 0]);
      expect(waiting.flatMap(({ attemptLog }) => attemptLog)).toContainEqual(
        expect.objectContaining({ outcome: 'channel_fault', errorCode: 'ETLS', phase: 'connect' }),
      );
      const [state] = await stateOf(service);
      expect(state?.reason).toBe('ETLS tls');
      await service.app.get(AlertEvaluator).evaluate();
      const alerts: { name: string; state: string }[] = (await service.admin('alerts')).body;
      const firing = alerts.filter((alert) => alert.state === 'firing').map(({ name }) => name);
      expect(firing).toContain('smtp_tls');
    },
    60_000,
  );

  it.each<[string, Interruption, 'STARTTLS' | 'hello']>([
    ['a reset', RESET, 'STARTTLS'],
    ['a reset during the handshake', RESET, 'hello'],
    ['silence during the handshake', SILENCE, 'hello'],
  ])(
    'does not stop mail if TLS is opportunistic: %s',
    async (_, interruption, at) => {
      const service = await withBrokenTls(interruption, at, {});

      await waitForEach(service, await onboard(service), 'each sent', isSent);
    },
    60_000,
  );
});
