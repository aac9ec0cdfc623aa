import { describe, expect, it } from 'vitest';
import { TlsHandshakes } from './tls-handshakes.js';

type Step = [tnx: string, line: string];
const OPEN: Step = ['network', '%s established to %s:%s'];
const EHLO: Step = ['client', 'EHLO mingus'];
const STARTTLS: Step = ['client', 'STARTTLS'];
const CLOSED: Step = ['network', 'Connection closed'];
const CLOSING: Step = ['smtp', 'Closing connection to the server using "%s"'];

/** The codes of an error after these steps of a session. */
function codesAfter(steps: readonly Step[], fields: object = {}) {
  const handshakes = new TlsHandshakes();
  for (const [tnx, line] of steps) handshakes.follow({ sid: 'one', tnx }, line);
  handshakes.follow({ sid: 'other', tnx: 'client' }, 'STARTTLS');
  const err: { code: string; originalCode?: string } = { code: 'ETIMEDOUT', ...fields };
  handshakes.follow({ sid: 'one', tnx: 'smtp', err }, '%s');
  return [err.code, err.originalCode];
}

describe('an error', () => {
  it.each<[string, Step[]]>([
    ['before the answer to STARTTLS', [OPEN, EHLO, STARTTLS]],
    ['after an end during the handshake', [OPEN, EHLO, STARTTLS, CLOSED]],
  ])('%s is one of TLS and keeps its first code', (_, steps) => {
    expect(codesAfter(steps)).toEqual(['ETLS', 'ETIMEDOUT']);
  });

  it('of a session that is read before it is established is one of TLS', () => {
    expect(codesAfter([], { syscall: 'read', code: 'ESOCKET', originalCode: 'ECONNRESET' })).toEqual([
      'ETLS',
      'ECONNRESET',
    ]);
  });

  it.each<[string, Step[], object]>([
    ['of a refused connection', [], { syscall: 'connect' }],
    ['after the greeting', [OPEN], { syscall: 'read' }],
    ['after the handshake', [OPEN, EHLO, STARTTLS, EHLO], { syscall: 'read' }],
    ['after a refused STARTTLS', [OPEN, EHLO, STARTTLS, ['client', 'MAIL FROM:<a@x.test>']], {}],
    ['of a session that has ended', [OPEN, EHLO, STARTTLS, CLOSING], {}],
    ['without a session', [], {}],
  ])('%s is not', (_, steps, fields) => {
    expect(codesAfter(steps, fields)).toEqual(['ETIMEDOUT', undefined]);
  });
});
