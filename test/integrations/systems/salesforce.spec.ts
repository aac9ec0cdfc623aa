import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  BatchRefused,
  type ConnectorSession,
  type OutgoingRow,
} from '../../../src/integrations/connectors/connector.js';
import { unsettledByFault } from '../../../src/integrations/connectors/http-results.js';
import type { OutboundFault } from '../../../src/platform/outbound/outbound-http.service.js';
import { FakeSalesforce } from '../../support/connectors/fake-salesforce.js';
import {
  aPerson,
  connector,
  KEY,
  sessionWith,
} from '../../support/connectors/salesforce/salesforce-session.js';

describe('Salesforce', () => {
  let salesforce: FakeSalesforce;
  let session: ConnectorSession;

  beforeEach(async () => {
    salesforce = await new FakeSalesforce().start();
    session = sessionWith(salesforce);
  });
  afterEach(() => salesforce.stop());

  const deliver = (...rows: OutgoingRow[]) => connector.deliver(rows, session);
  const upserts = () => salesforce.received(/MINGUS_Id__c$/);

  describe('gets contacts', () => {
    it('for new persons, found by our id, in one request', async () => {
      const rows = [aPerson('ada@example.com'), aPerson('grace@example.com', 'Grace Brewster Hopper')];
      const results = await deliver(...rows);
      const contacts = rows.map(({ person }) => salesforce.byKey(person.customerId));
      expect(contacts).toMatchObject([
        { FirstName: 'Ada', LastName: 'Lovelace', Email: 'ada@example.com' },
        { FirstName: 'Grace', LastName: 'Brewster Hopper' },
      ]);
      expect(results).toEqual(contacts.map((contact) => ({ result: 'accepted', foreignId: contact?.Id })));
      expect(upserts()).toHaveLength(1);
      expect(upserts()[0]?.body.allOrNone).toBe(false);
    });

    it('changed, without looking for a person that is known', async () => {
      const row = aPerson('ada@example.com');
      const [first] = await deliver(row);
      salesforce.requests.length = 0;
      const foreignId = first && 'foreignId' in first ? (first.foreignId as string) : '';
      expect(await deliver({ ...row, foreignId, fields: { Email: 'countess@example.com' } })).toEqual([
        first,
      ]);
      expect(salesforce.all('Contact')).toMatchObject([
        { Email: 'countess@example.com', LastName: 'Lovelace' },
      ]);
      expect(salesforce.requests).toHaveLength(1);
    });

    it.each([
      ['one word', 'Ada', { LastName: 'Ada' }],
      ['no word', null, { LastName: 'ada@example.com' }],
    ])('with the last name that Salesforce requires, from a name of %s', async (_words, name, expected) => {
      const row = aPerson('ada@example.com', name);
      await deliver(row);
      const contact = salesforce.byKey(row.person.customerId);
      expect(contact).toMatchObject(expected);
      expect(contact).not.toHaveProperty('FirstName');
      await deliver({ ...row, foreignId: contact?.Id ?? '' });
      expect(contact).not.toHaveProperty('FirstName');
    });

    it('with hostile names cut to what it takes, and other long values refused', async () => {
      const name = `${"O'Brien \\ \"x\" ' OR Email != '".repeat(3)}${'👩‍💻'.repeat(2000)}`;
      const rows = [
        aPerson(`o'brien" or \\x@example.com`, name),
        aPerson('long@example.com', 'Long Phone', {
          fields: { LastName: 'Phone', Phone: '1'.repeat(10_000) },
        }),
        aPerson(`${'x'.repeat(80)}@example.com`),
      ];
      // An address with a blank is refused by the system, after a query that took it as a text.
      expect(await deliver(...rows)).toMatchObject([
        { result: 'rejected', code: 'invalid_email_address', detail: 'Email' },
        { result: 'rejected', code: 'string_too_long', detail: 'Phone' },
        { result: 'rejected', code: 'string_too_long', detail: 'Email' },
      ]);
      const cut = aPerson("o'brien@example.com", name);
      expect(await deliver(cut)).toMatchObject([{ result: 'accepted' }]);
      const LastName = String(salesforce.byKey(cut.person.customerId)?.LastName);
      expect(LastName.length).toBeGreaterThan(77);
      expect(LastName.isWellFormed()).toBe(true);
    });

    it('past the alert of a duplicate rule, and not past its block', async () => {
      await deliver(aPerson('ada@example.com'));
      salesforce.duplicateRule = 'alert';
      expect(await deliver(aPerson('ada.2@example.com'))).toMatchObject([{ result: 'accepted' }]);
      salesforce.duplicateRule = 'block';
      expect(await deliver(aPerson('ada.3@example.com'))).toMatchObject([
        { result: 'rejected', code: 'duplicates_detected' },
      ]);
    });
  });

  describe('has contacts already', () => {
    it('and keeps their names and phones, which are read before our id is written', async () => {
      const contact = salesforce.add({
        Email: 'ADA@example.com',
        FirstName: 'Augusta',
        LastName: 'King',
        Phone: '+44 1',
      });
      const row = aPerson('ada@example.com', 'Ada Lovelace');
      expect(await connector.readBack([row, aPerson('new@example.com')], session)).toMatchObject([
        { FirstName: 'Augusta', LastName: 'King', Phone: '+44 1' },
        null,
      ]);
      const results = await deliver({ ...row, fields: { Email: 'ada@example.com' } });
      expect(results).toEqual([{ result: 'accepted', foreignId: contact.Id }]);
      expect(contact).toMatchObject({
        [KEY]: row.person.customerId,
        LastName: 'King',
        Email: 'ada@example.com',
      });
      expect(salesforce.all('Contact')).toHaveLength(1);
    });

    it.each([
      ['of another person', [{ [KEY]: 'other' }], 'email_of_another_person'],
      ['of several contacts', [{}, {}], 'email_of_several_contacts'],
    ])('and refuses a person with the address %s', async (_whose, contacts, code) => {
      for (const fields of contacts)
        salesforce.add({ Email: 'ada@example.com', LastName: 'King', ...fields });
      const [good, bad] = [aPerson('good@example.com'), aPerson('ada@example.com')];
      expect(await deliver(bad, good)).toMatchObject([{ result: 'rejected', code }, { result: 'accepted' }]);
      expect(salesforce.byKey(bad.person.customerId)).toBeUndefined();
    });

    it('and gives one address of a batch to one person', async () => {
      salesforce.add({ Email: 'ada@example.com', LastName: 'King' });
      const rows = [
        aPerson('ada@example.com'),
        aPerson('Ada@example.com'),
        aPerson('b@example.com'),
        aPerson('b@example.com'),
      ];
      expect(await deliver(...rows)).toMatchObject([
        { result: 'accepted' },
        { result: 'rejected', code: 'email_of_another_person' },
        { result: 'accepted' },
        { result: 'rejected', code: 'email_of_another_person' },
      ]);
    });

    it('and creates none again after silence', async () => {
      const row = aPerson('ada@example.com');
      await deliver(aPerson('warm@example.com'));
      salesforce.failNext(
        { answer: { status: 200, body: { records: [] } } },
        { act: 'silence', after: true },
      );
      const fault = await deliver(row).catch((error: OutboundFault) => unsettledByFault(error));
      expect(fault).toMatchObject({ result: 'unknown' });
      expect(await deliver(row)).toMatchObject([{ result: 'accepted' }]);
      expect(salesforce.all('Contact')).toHaveLength(2);
    });

    it('and reads none as empty when it cannot be read', async () => {
      salesforce.failAlways({ answer: { status: 500 } });
      const read = connector.readBack([aPerson('ada@example.com')], session);
      await expect(read).rejects.toMatchObject({ result: { result: 'retry' } });
    });
  });

  describe('refuses', () => {
    it('one person among others', async () => {
      const rows = [aPerson('good@example.com'), aPerson('no address'), aPerson('better@example.com')];
      expect(await deliver(...rows)).toMatchObject([
        { result: 'accepted' },
        { result: 'rejected', code: 'invalid_email_address', detail: 'Email' },
        { result: 'accepted' },
      ]);
    });

    it('a field that it does not have, and names it', async () => {
      const row = aPerson('ada@example.com', 'Ada Lovelace', { fields: { Nickname__c: 'Ada' } });
      expect(await deliver(row)).toEqual([
        { result: 'rejected', code: 'invalid_field', detail: 'Nickname__c' },
      ]);
    });

    it('a whole batch because of one value, without its text in what operators see', async () => {
      const rows = [
        aPerson('a@example.com'),
        aPerson('b@example.com', 'B B', { fields: { Birthdate: 'malformed' } }),
      ];
      const error = await deliver(...rows).catch((refused: unknown) => refused);
      expect(error).toBeInstanceOf(BatchRefused);
      expect(error).toMatchObject({ code: 'json_parser_error', detail: undefined });
    });

    it('a row for now that other work has locked, and all rows while its storage is full', async () => {
      const rows = [aPerson('a@example.com'), aPerson('b@example.com'), aPerson('c@example.com')];
      await deliver(aPerson('warm@example.com'));
      const error = (statusCode: string) => ({
        success: false,
        errors: [{ statusCode, message: '', fields: [] }],
      });
      const body = [error('UNABLE_TO_LOCK_ROW'), error('STORAGE_LIMIT_EXCEEDED'), { success: true }];
      salesforce.failNext(
        { answer: { status: 200, body: { records: [] } } },
        { answer: { status: 200, body } },
      );
      expect(await deliver(...rows)).toEqual([
        { result: 'retry', code: 'unable_to_lock_row' },
        { result: 'quota', code: 'storage_limit_exceeded' },
        { result: 'unknown', code: 'not_in_answer' },
      ]);
    });

    it('nothing when its answer lacks rows: then it is unknown what was written', async () => {
      await deliver(aPerson('warm@example.com'));
      salesforce.failNext(
        { answer: { status: 200, body: { records: [] } } },
        { answer: { status: 200, body: [] } },
      );
      expect(await deliver(aPerson('ada@example.com'))).toEqual([
        { result: 'unknown', code: 'not_in_answer' },
      ]);
    });
  });
});
