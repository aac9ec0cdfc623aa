import { randomUUID } from 'node:crypto';
import { type FakeAnswer, FakeSystem, type ReceivedRequest } from './fake-system.js';
import {
  CONTACT,
  type FieldLimits,
  KEY,
  type Problem,
  problemOf,
  refusal,
  TASK,
} from './salesforce/salesforce-fields.js';
import { conditionsOf, isMatch, parseQuery } from './salesforce/soql.js';

const SYSTEM_FIELDS = ['Id', 'IsDeleted'];

export type FakeRecord = Record<string, unknown> & { Id: string; IsDeleted: boolean };

/**
 * Salesforce's contacts and tasks, as far as the connector uses them: tokens that end, upserts by an external id that is
 * unique, collections with a result per record, queries, a recycle bin that only the SOAP API empties.
 */
export class FakeSalesforce extends FakeSystem {
  readonly records = new Map<string, FakeRecord>();
  /** Records that left the recycle bin. */
  readonly gone: string[] = [];
  readonly organization = '00D5g000001AbCdEAK';
  clientId = '3MVG9.consumer';
  clientSecret = 'consumer-secret';
  /** How our field is defined in contacts, and whether tasks have it. */
  contactKey: 'unique' | 'plain' | 'missing' = 'unique';
  taskHasKey = true;
  /** A duplicate rule that finds contacts of the same name. */
  duplicateRule: 'off' | 'alert' | 'block' = 'off';
  limit = { used: 18, max: 15_000 };
  private readonly tokens = new Set<string>();
  private next = 1;

  /** The tokens of now are refused from now on. */
  endSessions(): void {
    this.tokens.clear();
  }

  /** A contact that people added. */
  add(fields: Record<string, unknown>, type = '003'): FakeRecord {
    const id = `${type}5g00000${String(this.next++).padStart(5, '0')}AAA`;
    const record = { ...fields, Id: id, IsDeleted: false };
    this.records.set(id, record);
    return record;
  }

  /** The records of a type that are not deleted. */
  all(type: 'Contact' | 'Task'): FakeRecord[] {
    return [...this.records.values()].filter(({ Id, IsDeleted }) => typeOf(Id) === type && !IsDeleted);
  }

  byKey(key: string, type: 'Contact' | 'Task' = 'Contact'): FakeRecord | undefined {
    return this.all(type).find((record) => record[KEY] === key);
  }

  protected answer(request: ReceivedRequest): FakeAnswer {
    if (request.path === '/services/oauth2/token') return this.giveToken(new URLSearchParams(request.body));
    if (request.path.startsWith('/services/Soap/u/')) return this.soap(String(request.body));
    const [, token] = /^Bearer (.+)$/.exec(request.headers.authorization ?? '') ?? [];
    if (!token || !this.tokens.has(token))
      return failure(401, 'INVALID_SESSION_ID', 'Session expired or invalid');
    const { used, max } = this.limit;
    if (used >= max) return failure(403, 'REQUEST_LIMIT_EXCEEDED', 'TotalRequests Limit exceeded.');
    const [, path] = /^\/services\/data\/v\d\d\.0(\/.*)$/.exec(request.path) ?? [];
    const answer = this.route(`${request.method} ${path}`, request);
    return { ...answer, headers: { 'sforce-limit-info': `api-usage=${used}/${max}`, ...answer.headers } };
  }

  private giveToken(form: URLSearchParams): FakeAnswer {
    const refuse = (error: string, error_description: string) => ({
      status: 400,
      body: { error, error_description },
    });
    if (form.get('grant_type') !== 'client_credentials')
      return refuse('unsupported_grant_type', 'grant type not supported');
    if (form.get('client_id') !== this.clientId)
      return refuse('invalid_client_id', 'client identifier invalid');
    if (form.get('client_secret') !== this.clientSecret)
      return refuse('invalid_client', 'invalid client credentials');
    const token = `${this.organization.slice(0, 15)}!${randomUUID()}`;
    this.tokens.add(token);
    const id = `https://login.salesforce.com/id/${this.organization}/0055g000002XyZaAAK`;
    const body = { access_token: token, scope: 'api', instance_url: this.url, id, token_type: 'Bearer' };
    return { status: 200, body: { ...body, signature: 'c2ln', issued_at: '1767000000000' } };
  }

  private route(call: string, { query, body, headers }: ReceivedRequest): FakeAnswer {
    const isAlertPassed = /allowSave=true/.test(String(headers['sforce-duplicate-rule-header']));
    if (call === `PATCH /composite/sobjects/Contact/${KEY}`) {
      if (this.contactKey !== 'unique')
        return failure(
          404,
          'NOT_FOUND',
          `Provided external ID field does not exist or is not accessible: ${KEY}`,
        );
      return this.saveAll(body.records, (record) => this.upsert(record, isAlertPassed));
    }
    if (call === 'PATCH /composite/sobjects')
      return this.saveAll(body.records, (record) => this.update(record));
    if (call === 'POST /composite/sobjects')
      return this.saveAll(body.records, (record) => this.create(record, isAlertPassed));
    if (call === 'DELETE /composite/sobjects') return this.deleteAll((query.get('ids') ?? '').split(','));
    if (call === 'GET /query') return this.select(query.get('q') ?? '', false);
    if (call === 'GET /queryAll') return this.select(query.get('q') ?? '', true);
    if (call === 'GET /limits') {
      const { used, max: Max } = this.limit;
      return { status: 200, body: { DailyApiRequests: { Max, Remaining: Max - used } } };
    }
    const [, type] = /^GET \/sobjects\/(Contact|Task)\/describe$/.exec(call) ?? [];
    if (type) return { status: 200, body: { name: type, fields: this.describe(type) } };
    return failure(404, 'NOT_FOUND', 'The requested resource does not exist');
  }

  private describe(type: string) {
    const isUnique = type === 'Contact' && this.contactKey === 'unique';
    return Object.keys(this.fieldsOf(type)).map((name) => {
      const key = name === KEY && isUnique;
      return { name, createable: true, updateable: true, externalId: key, unique: key };
    });
  }

  private fieldsOf(type: string): FieldLimits {
    const { [KEY]: key, ...others } = type === 'Task' ? TASK : CONTACT;
    const hasKey = type === 'Task' ? this.taskHasKey : this.contactKey !== 'missing';
    return hasKey ? { ...others, [KEY]: key as number } : others;
  }

  private saveAll(
    records: Record<string, unknown>[],
    save: (record: Record<string, unknown>) => string | Problem,
  ): FakeAnswer {
    if (records.length > 200)
      return failure(400, 'EXCEEDED_ID_LIMIT', 'record limit reached. cannot submit more than 200 records');
    if (records.some(({ attributes }) => !(attributes as { type?: string } | undefined)?.type))
      return failure(400, 'INVALID_INPUT', 'Include an entity type with each record in the collection');
    if (records.some((record) => Object.values(record).includes('malformed')))
      return failure(
        400,
        'JSON_PARSER_ERROR',
        'Cannot deserialize instance of date from VALUE_STRING value malformed',
      );
    const body = records.map((record) => {
      const known = this.byKey(String(record[KEY])) !== undefined;
      const saved = save(record);
      if (typeof saved !== 'string') return { success: false, errors: [saved] };
      return { id: saved, success: true, errors: [], created: !known };
    });
    return { status: 200, body };
  }

  private upsert(record: Record<string, unknown>, isAlertPassed: boolean): string | Problem {
    const known = this.byKey(String(record[KEY]));
    return known ? this.update({ ...record, id: known.Id }) : this.create(record, isAlertPassed);
  }

  private create(
    { attributes, ...fields }: Record<string, unknown>,
    isAlertPassed: boolean,
  ): string | Problem {
    const { type } = attributes as { type: string };
    const problem = this.problemOf(type, fields, null);
    if (problem) return problem;
    if (type === 'Contact' && !fields.LastName)
      return refusal('REQUIRED_FIELD_MISSING', 'Required fields are missing: [LastName]', 'LastName');
    if (type === 'Contact' && this.isDuplicate(fields, isAlertPassed))
      return refusal('DUPLICATES_DETECTED', 'Use one of these records?');
    return this.add(fields, type === 'Task' ? '00T' : '003').Id;
  }

  private update({ attributes, id, ...fields }: Record<string, unknown>): string | Problem {
    const record = this.records.get(String(id));
    if (!record || record.IsDeleted) return refusal('ENTITY_IS_DELETED', 'entity is deleted');
    const problem = this.problemOf((attributes as { type: string }).type, fields, record.Id);
    if (problem) return problem;
    if (fields.LastName === '')
      return refusal('REQUIRED_FIELD_MISSING', 'Required fields are missing: [LastName]', 'LastName');
    for (const [name, value] of Object.entries(fields)) record[name] = value === '' ? null : value;
    return record.Id;
  }

  private problemOf(type: string, fields: Record<string, unknown>, id: string | null): Problem | null {
    const problem = problemOf(type, fields, this.fieldsOf(type));
    if (problem) return problem;
    if (fields.WhoId && !this.records.has(String(fields.WhoId)))
      return refusal('INVALID_CROSS_REFERENCE_KEY', 'invalid cross reference id', 'WhoId');
    const twin = type === 'Contact' ? this.byKey(String(fields[KEY])) : undefined;
    if (!twin || twin.Id === id) return null;
    const message = `duplicate value found: ${KEY} duplicates value on record with id: ${twin.Id}`;
    return refusal('DUPLICATE_VALUE', message);
  }

  private isDuplicate(fields: Record<string, unknown>, isAlertPassed: boolean): boolean {
    if (this.duplicateRule === 'off' || (this.duplicateRule === 'alert' && isAlertPassed)) return false;
    return this.all('Contact').some(({ LastName }) => LastName === fields.LastName);
  }

  private deleteAll(ids: string[]): FakeAnswer {
    const body = ids.map((id) => {
      const record = this.records.get(id);
      if (!record)
        return {
          id,
          success: false,
          errors: [refusal('INVALID_CROSS_REFERENCE_KEY', 'invalid cross reference id')],
        };
      if (record.IsDeleted)
        return { id, success: false, errors: [refusal('ENTITY_IS_DELETED', 'entity is deleted')] };
      if (record.Title === 'has open cases')
        return {
          id,
          success: false,
          errors: [refusal('DELETE_FAILED', 'it is associated with the following cases')],
        };
      record.IsDeleted = true;
      return { id, success: true, errors: [] };
    });
    return { status: 200, body };
  }

  private select(soql: string, withDeleted: boolean): FakeAnswer {
    const parsed = parseQuery(soql);
    const conditions = parsed && conditionsOf(parsed.where);
    if (!parsed || !conditions) return failure(400, 'MALFORMED_QUERY', `unexpected token: ${soql}`);
    const known = [...SYSTEM_FIELDS, ...Object.keys(this.fieldsOf(parsed.type))];
    const isAll = parsed.fields[0] === 'FIELDS(ALL)';
    if (isAll && !(parsed.limit !== null && parsed.limit <= 200))
      return failure(400, 'MALFORMED_QUERY', 'The SOQL FIELDS function must have a LIMIT of at most 200');
    const fields = isAll ? known : parsed.fields;
    const unknown = [...fields, ...conditions.map(({ field }) => field)].find(
      (name) => !known.includes(name),
    );
    if (unknown)
      return failure(
        400,
        'INVALID_FIELD',
        `${soql}\nNo such column '${unknown}' on entity '${parsed.type}'.`,
      );
    const records = [...this.records.values()]
      .filter(({ Id, IsDeleted }) => typeOf(Id) === parsed.type && (withDeleted || !IsDeleted))
      .filter((record) => isMatch(record, conditions))
      .slice(0, parsed.limit ?? 2000)
      .map((record) => ({
        attributes: { type: parsed.type, url: `/services/data/v62.0/sobjects/${parsed.type}/${record.Id}` },
        ...Object.fromEntries(fields.map((name) => [name, record[name] ?? null])),
      }));
    return { status: 200, body: { totalSize: records.length, done: true, records } };
  }

  /** `emptyRecycleBin` of the partner API. */
  private soap(envelope: string): FakeAnswer {
    const xml = { 'content-type': 'text/xml; charset=utf-8' };
    const [, token = ''] = /<sessionId>([^<]*)<\/sessionId>/.exec(envelope) ?? [];
    if (!this.tokens.has(token)) return { status: 500, headers: xml, body: envelopeOf(SESSION_OVER) };
    const ids = [...envelope.matchAll(/<ids>(\w+)<\/ids>/g)].map(([, id]) => id as string);
    const results = ids.map((id) => {
      const isInBin = this.records.get(id)?.IsDeleted === true;
      if (isInBin) this.gone.push(id);
      if (isInBin) this.records.delete(id);
      const errors =
        '<errors><message>invalid record id</message><statusCode>INVALID_ID</statusCode></errors>';
      return `<result>${isInBin ? '' : errors}<id>${id}</id><success>${isInBin}</success></result>`;
    });
    const body = `<emptyRecycleBinResponse>${results.join('')}</emptyRecycleBinResponse>`;
    return { status: 200, headers: xml, body: envelopeOf(body) };
  }
}

const SESSION_OVER =
  '<soapenv:Fault><faultcode>sf:INVALID_SESSION_ID</faultcode><faultstring>INVALID_SESSION_ID: Invalid Session ID found in SessionHeader</faultstring></soapenv:Fault>';

function envelopeOf(body: string): string {
  const names =
    'xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns="urn:partner.soap.sforce.com" xmlns:sf="urn:fault.partner.soap.sforce.com"';
  return `<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope ${names}><soapenv:Body>${body}</soapenv:Body></soapenv:Envelope>`;
}

function typeOf(id: string): string {
  return id.startsWith('00T') ? 'Task' : 'Contact';
}

function failure(status: number, errorCode: string, message: string): FakeAnswer {
  return { status, body: [{ message, errorCode }] };
}
