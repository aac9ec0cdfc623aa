import { describe, expect, it } from 'vitest';
import { aRow } from '../../../test/support/connectors/open-session.js';
import { DeskConnector } from '../../../test/support/connectors/desk.connector.js';
import type { Connector, ConnectorSession } from '../connectors/connector.js';
import { maskOf } from './mask.js';

const SECRET = 'k3y/+&"of-the-desk';
const connector = {
  describe: () => ({ ...new DeskConnector().describe(), secrets: [{ name: 'token', label: 'Token' }] }),
} as unknown as Connector;
const session = { secret: () => SECRET } as unknown as ConnectorSession;
const fields = { phone: '+34 600 000 000', plan: 'gold', count: 5 };
const person = { ...aRow('upsertPerson').person, email: 'ada.l@example.com', name: 'Ada Lovelace-Núñez' };
const mask = maskOf(connector, session, [aRow('upsertPerson', { person, fields })]);
const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

describe('what a system answers is stored without', () => {
  it.each([
    ['a secret', `bad token ${SECRET}!`, 'bad token [masked]!'],
    ['a secret in JSON', JSON.stringify({ token: SECRET }), '{"token":"[masked]"}'],
    ['a secret in a URL', `/x?key=${encodeURIComponent(SECRET)}&page=1`, '/x?key=[masked]&page=1'],
    ['a secret after a user', `${basic(`ops@desk:${SECRET}`)} refused`, 'Basic [masked] refused'],
    ['a secret that was cut', `token is ${SECRET.slice(0, 9)}`, 'token is [masked]'],
    ['a secret that was encoded and cut', basic(`user:${SECRET}`).slice(0, 24), 'Basic [masked]'],
    ['an address', 'ADA.L@example.com exists', '[masked] exists'],
    ['an address in a URL', 'GET /p/ada.l%40example.com', 'GET /p/[masked]'],
    ['a name', '"name":"Ada Lovelace-Núñez"', '"name":"[masked]"'],
    ['a part of a name', '"last":"LOVELACE-NÚÑEZ"', '"last":"[masked]"'],
    ['a name in ASCII', String.raw`"last":"Lovelace-N\u00fa\u00f1ez"`, '"last":"[masked]"'],
    ['a telephone number', 'phone +34 600 000 000 is taken', 'phone [masked] is taken'],
    ['nothing else', 'the plan gold is no number in Adana: 5', 'the plan gold is no number in Adana: 5'],
  ])('%s', (_, answer, stored) => {
    expect(mask(answer)).toBe(stored);
  });
});
