import { createHash, createVerify, generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { hasEnded, isPostponed, onboard, waitForEach, waitUntilSent } from '../support/mail/deliveries.js';
import { makeEverythingDue } from '../support/jobs.js';
import { withScriptedServer } from '../support/mail/with-scripted-server.js';
import { waitFor } from '../support/wait-for.js';

describe('a call to slow down', () => {
  it.each([
    ['421 as greeting', 'greeting', '421 4.7.0 Too many connections'],
    ['421 to the sender', 'MAIL', '421 4.7.0 Too many messages'],
    ['452 to the recipient', 'RCPT', '452 4.3.2 Too many recipients this hour'],
    ['a full disk behind it', 'message', '452 4.3.1 Insufficient system storage'],
  ] as const)('(%s) delays the whole channel, which then recovers', async (_, step, reply) => {
    let isBusy = true;
    const { service, server } = await withScriptedServer((at) => (at === step && isBusy ? reply : undefined));
    const first = await onboard(service);
    const postponed = await waitForEach(service, first, 'each postponed', isPostponed);
    expect(postponed.flatMap(({ attemptLog }) => attemptLog)).toContainEqual(
      expect.objectContaining({ outcome: 'rate_limited', smtpCode: Number(reply.slice(0, 3)) }),
    );
    const sendersBefore = server.commands.filter((line) => line.startsWith('MAIL')).length;

    const second = await onboard(service);

    const waiting = await waitForEach(service, second, 'each postponed', isPostponed);
    expect(waiting.map(({ attempts, attemptLog }) => [attempts, attemptLog])).toEqual(
      Array.from({ length: 3 }, () => [0, []]),
    );
    expect(server.commands.filter((line) => line.startsWith('MAIL'))).toHaveLength(sendersBefore);
    isBusy = false;
    await waitUntilSent(service, first);
    await waitUntilSent(service, second);
    await waitFor(
      'recovered',
      async () => (await service.database.count('notification_channel_states')) === 0,
    );
  });
});

describe('a server that answers without end', () => {
  it('is left when the time for one message is over, even if each single wait is short', async () => {
    const { service } = await withScriptedServer((step) => (step === 'RCPT' ? 'hang' : undefined), {
      DELIVERY_TIMEOUT_SECONDS: '1',
    });

    const tried = await waitForEach(service, await onboard(service), 'each postponed', isPostponed);

    for (const { attemptLog } of tried) {
      expect(attemptLog).toMatchObject([{ outcome: 'unreachable', errorCode: 'EABORT', phase: 'envelope' }]);
    }
  });

  it('leaves the outcome unknown if it has the whole message', async () => {
    const { service } = await withScriptedServer((step) => (step === 'message' ? 'hang' : undefined), {
      DELIVERY_TIMEOUT_SECONDS: '1',
    });

    const tried = await waitForEach(service, await onboard(service), 'each postponed', isPostponed);

    for (const { attemptLog } of tried) {
      expect(attemptLog).toMatchObject([{ outcome: 'unknown', errorCode: 'EABORT', phase: 'data_sent' }]);
    }
  });
});

describe('an address that the server says does not exist', () => {
  it('is suppressed, and the audit trail names the message', async () => {
    const { service } = await withScriptedServer((step) =>
      step === 'RCPT' ? '550 5.1.1 No such user' : undefined,
    );
    const customer = await onboard(service);

    const ended = await waitForEach(service, customer, 'each ended', hasEnded);

    expect(ended.map(({ reason }) => reason)).toContain('refused');
    const { body } = await service.admin('suppressions');
    expect(body.items).toMatchObject([
      { address: customer.email, reason: 'hard_bounce', source: 'smtp 550 5.1.1 (no such user)' },
    ]);
    const { body: audit } = await service.admin(`audit-entries?objectId=${body.items[0].id}`);
    expect(audit.items).toMatchObject([{ action: 'address_suppression.added', actorType: 'system' }]);
  });
});

describe('an international address', () => {
  it.each([
    ['its domain in punycode', 'zoe@jõgeva.example', 'zoe@xn--jgeva-dua.example', '250 8BITMIME'],
    ['its local part, where the server can', 'zoë@example.com', 'zoë@example.com', '250 SMTPUTF8'],
  ])('gets its mail with %s', async (_, email, onTheWire, offer) => {
    const { service, server } = await withScriptedServer((step) =>
      step === 'EHLO' ? `250-scripted\r\n${offer}` : undefined,
    );

    await waitUntilSent(service, await onboard(service, email));

    const recipients = server.commands.filter((line) => line.startsWith('RCPT'));
    expect(recipients).toEqual(Array.from({ length: 3 }, () => `RCPT TO:<${onTheWire}>`));
  });

  it('gets its mail after the server supports it', async () => {
    let canUtf8 = false;
    const { service } = await withScriptedServer((step) =>
      step === 'EHLO' && canUtf8 ? '250-scripted\r\n250 SMTPUTF8' : undefined,
    );
    await waitForEach(service, await onboard(service, 'zoë@example.com'), 'ended', hasEnded);
    canUtf8 = true;

    await waitUntilSent(service, await onboard(service, 'zoé@example.com'));
  });

  it('fails with the reason if the server does not support it', async () => {
    const { service, server } = await withScriptedServer(() => undefined);

    const ended = await waitForEach(service, await onboard(service, 'zoë@example.com'), 'ended', hasEnded);

    for (const { status, reason } of ended) {
      expect({ status, reason }).toEqual({ status: 'failed', reason: 'smtputf8_not_offered' });
    }
    expect(server.commands.filter((line) => line.startsWith('RCPT'))).toEqual([]);
  });
});

describe('a mail server whose answer to EHLO never ends', () => {
  it.each(['ada@example.com', 'zo\u00eb@example.com'])(
    'is given up, and tried again later, for %s',
    async (email) => {
      let isWell = false;
      const { service } = await withScriptedServer(
        (step) => (step === 'EHLO' ? (isWell ? '250-scripted\r\n250 SMTPUTF8' : 'drip') : undefined),
        { DELIVERY_TIMEOUT_SECONDS: '1' },
      );

      const customer = await onboard(service, email);

      await waitFor('given up', () =>
        service.database.count('notification_attempts', `outcome = 'unreachable'`),
      );
      isWell = true;
      await makeEverythingDue(service.database);
      await waitUntilSent(service, customer);
    },
  );
});

describe('with a bounce address', () => {
  it('every message has an envelope sender of its own', async () => {
    const { service, server } = await withScriptedServer(() => undefined, {
      BOUNCE_ADDRESS: 'b@bounce.mingus.test',
    });

    const sent = await waitUntilSent(service, await onboard(service));

    const senders = server.commands.flatMap((line) => /^MAIL FROM:<([^>]*)>/.exec(line)?.[1] ?? []);
    expect(senders.toSorted()).toEqual(sent.map(({ id }) => `b+${id}@bounce.mingus.test`).toSorted());
  });
});

describe('with a DKIM key', () => {
  it('every message is signed so that the public key verifies it', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const { service, server } = await withScriptedServer(() => undefined, {
      DKIM_DOMAIN: 'mingus.test',
      DKIM_SELECTOR: 's1',
      DKIM_PRIVATE_KEY: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    });

    await waitUntilSent(service, await onboard(service));

    expect(server.messages).toHaveLength(3);
    expect(server.messages.filter((message) => /^List-Unsubscribe:/m.test(message))).toHaveLength(1);
    for (const message of server.messages) {
      const { tags, bodyHash, signed } = readDkim(message);
      expect(tags).toMatchObject({
        v: '1',
        a: 'rsa-sha256',
        c: 'relaxed/relaxed',
        d: 'mingus.test',
        s: 's1',
      });
      expect(tags.h?.toLowerCase().split(':')).toEqual(expect.arrayContaining(['from', 'to', 'subject']));
      if (/^List-Unsubscribe:/m.test(message)) {
        expect(signed).toMatch(
          /^list-unsubscribe:<https:\S+>\r\nlist-unsubscribe-post:List-Unsubscribe=One-Click\r$/m,
        );
      }
      expect(bodyHash).toBe(tags.bh);
      const verify = createVerify('sha256').update(signed);
      expect(verify.verify(publicKey, tags.b ?? '', 'base64')).toBe(true);
    }
  });
});

/** The signature's tags, and the data they sign according to RFC 6376 (relaxed/relaxed). */
function readDkim(message: string): { tags: Record<string, string>; bodyHash: string; signed: string } {
  const [head = '', ...rest] = message.split('\r\n\r\n');
  const lines = rest.join('\r\n\r\n').replace(/^\.\./gm, '.').split('\r\n');
  const body = lines.map((line) => line.replace(/[ \t]+/g, ' ').trimEnd()).join('\r\n');
  const headers = head.replace(/\r\n(?=[ \t])/g, '').split('\r\n');
  const relax = (header: string) => {
    const [name = '', ...value] = header.split(':');
    return `${name.trim().toLowerCase()}:${value
      .join(':')
      .replace(/[ \t]+/g, ' ')
      .trim()}`;
  };
  const signature = headers.find((header) => /^dkim-signature:/i.test(header)) ?? '';
  const pairs = signature.slice(signature.indexOf(':') + 1).split(';');
  const tags = Object.fromEntries(
    pairs.map((pair) => {
      const [name = '', ...value] = pair.split('=');
      return [name.trim(), value.join('=').replaceAll(/\s/g, '')];
    }),
  );
  const signedHeaders = (tags.h ?? '').split(':').flatMap((name) => {
    const found = headers.findLast((header) => header.toLowerCase().startsWith(`${name.toLowerCase()}:`));
    return found ? [relax(found)] : [];
  });
  const unsigned = relax(signature).replace(/(\bb=)[^;]*$/, '$1');
  return {
    tags,
    bodyHash: createHash('sha256')
      .update(`${body.replace(/(\r\n)*$/, '')}\r\n`)
      .digest('base64'),
    signed: [...signedHeaders, unsigned].join('\r\n'),
  };
}
