import { type FakeAnswer, FakeSystem, type ReceivedRequest } from './fake-system.js';

export interface FakeRecord {
  /** Shown as `_id`. */
  id: string;
  externalId?: string;
  sourceId?: string;
  custom: Record<string, unknown>;
  [field: string]: unknown;
}

type Given = Partial<FakeRecord> & { _id?: string };

const COLLECTIONS = ['companies', 'endusers', 'tasks'] as const;
type Collection = (typeof COLLECTIONS)[number];

/** What a new record needs. */
const REQUIRED: Record<Collection, string[]> = {
  companies: ['name'],
  endusers: ['email', 'companyId'],
  tasks: ['mainType', 'companyId'],
};

/**
 * Planhat: companies, end users and tasks in bulk, with 206 and errors that do not name their records, and the address that
 * takes activities, which answers 200 to anything. Records are found by Planhat's id, or by `extid-` and `srcid-`; only
 * Planhat's id deletes them.
 */
export class FakePlanhat extends FakeSystem {
  readonly records: Record<Collection, Map<string, FakeRecord>> = {
    companies: new Map(),
    endusers: new Map(),
    tasks: new Map(),
  };
  readonly customFields = [
    { parent: 'company', name: 'Lifecycle stage' },
    { parent: 'company', name: 'Stripe customer' },
  ];
  readonly activities: Record<string, unknown>[] = [];
  token = 'ph-token';
  readonly tenantToken = '8f14e45f-ceea-467f-ab35-5d2c7d1b1d20';
  private nextId = 1;

  add(collection: Collection, fields: Given): FakeRecord {
    const id = String(this.nextId++).padStart(24, '0');
    const record = { id, custom: {}, ...fields };
    this.records[collection].set(id, record);
    return record;
  }

  contact(customerId: string): FakeRecord | undefined {
    return this.find('endusers', `extid-${customerId}`);
  }

  company(customerId: string): FakeRecord | undefined {
    return this.find('companies', `extid-${customerId}`);
  }

  protected answer(request: ReceivedRequest): FakeAnswer {
    const { method, path, query, headers, body } = request;
    if (path === `/analytics/${this.tenantToken}` && method === 'POST') {
      this.activities.push(body);
      return { status: 200, body: {} };
    }
    if (headers.authorization !== `Bearer ${this.token}`)
      return { status: 401, body: { message: 'Unauthorized' } };
    if (path === '/customfields') return { status: 200, body: this.customFields };
    const [, name = '', id] = path.split('/');
    const collection = COLLECTIONS.find((known) => known === name);
    if (!collection) return { status: 404 };
    if (method === 'PUT' && !id) return this.putAll(collection, body);
    if (method === 'GET' && !id) return this.list(collection, query);
    const record = this.find(collection, id ?? '');
    if (!record) return { status: 404, body: { message: 'Not found' } };
    if (method === 'GET') return { status: 200, body: shown(record) };
    if (method !== 'DELETE' || id !== record.id) return { status: 400, body: { message: 'Invalid id' } };
    this.records[collection].delete(id);
    return { status: 200, body: { n: 1, ok: 1, deletedCount: 1 } };
  }

  private list(collection: Collection, query: URLSearchParams): FakeAnswer {
    const email = query.get('email');
    const found = [...this.records[collection].values()].filter((record) => record.email === email);
    return { status: 200, body: found.map(shown) };
  }

  private putAll(collection: Collection, items: Given[]): FakeAnswer {
    const answer = {
      created: 0,
      createdErrors: [] as unknown[],
      insertsKeys: [] as Given[],
      updated: 0,
      updatedErrors: [] as unknown[],
      updatesKeys: [] as Given[],
      nonupdates: 0,
      modified: [] as string[],
      upsertedIds: [] as string[],
      permissionErrors: [],
    };
    if (items.length > 5000) return { status: 400, body: { message: 'Too many items' } };
    for (const item of items) {
      const present = this.match(collection, item);
      const problem = this.problemOf(collection, item, present);
      if (problem) {
        (present ? answer.updatedErrors : answer.createdErrors).push({ message: problem });
        continue;
      }
      const record = present ?? this.add(collection, {});
      const before = JSON.stringify(record);
      const companyId = this.find('companies', String(item.companyId))?.id;
      const custom = { ...record.custom, ...item.custom };
      const { _id: _own, ...values } = item;
      Object.assign(record, values, { custom }, companyId ? { companyId } : {});
      const { id: _id, externalId, sourceId } = record;
      if (!present) answer.insertsKeys.push({ _id, externalId, sourceId });
      else if (before === JSON.stringify(record)) answer.nonupdates += 1;
      else answer.updatesKeys.push({ _id, externalId, sourceId });
    }
    answer.created = answer.insertsKeys.length;
    answer.updated = answer.updatesKeys.length;
    const errors = answer.createdErrors.length + answer.updatedErrors.length;
    return { status: errors === 0 ? 200 : errors === items.length ? 400 : 206, body: answer };
  }

  private problemOf(collection: Collection, item: Given, present: FakeRecord | undefined): string | null {
    const missing = present ? undefined : REQUIRED[collection].find((field) => !item[field]);
    if (missing) return `${missing} is required`;
    if (item.companyId && !this.find('companies', String(item.companyId))) return 'company not found';
    if (collection !== 'endusers' || item.email === undefined) return null;
    if (!String(item.email).includes('@')) return `${String(item.email)} is no valid email`;
    const twin = [...this.records.endusers.values()].find(({ email }) => email === item.email);
    return twin && twin.id !== present?.id ? `email ${String(item.email)} duplicated` : null;
  }

  private match(collection: Collection, { _id, sourceId, externalId }: Given): FakeRecord | undefined {
    if (_id) return this.find(collection, _id);
    return this.find(collection, externalId ? `extid-${externalId}` : `srcid-${sourceId}`);
  }

  private find(collection: Collection, id: string): FakeRecord | undefined {
    const records = this.records[collection];
    return (
      records.get(id) ??
      [...records.values()].find(({ externalId, sourceId }) => {
        return (
          (externalId && id === `extid-${externalId}`) ||
          (sourceId !== undefined && id === `srcid-${sourceId}`)
        );
      })
    );
  }
}

function shown({ id: _id, ...record }: FakeRecord): object {
  return { _id, ...record };
}
