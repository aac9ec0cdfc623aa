import { type FakeAnswer, FakeSystem, type ReceivedRequest } from './fake-system.js';

export interface FakeProfile {
  cioId: string;
  id: string | null;
  email: string | null;
  attributes: Record<string, unknown>;
}

interface Item {
  type?: string;
  action?: string;
  identifiers?: Record<string, unknown>;
  attributes?: Record<string, unknown>;
  name?: string;
  id?: string;
  timestamp?: number;
}

interface ItemProblem {
  reason: string;
  field: string;
  message: string;
}

const IDENTIFIERS = new Set(['id', 'email', 'phone', 'cio_id']);
const ULID = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/;

/**
 * A workspace of Customer.io that identifies people by id or email, as its published OpenAPI and documentation describe
 * it: the Track API validates little and answers 200; what it does not do then is only seen in the workspace.
 */
export class FakeCustomerIo extends FakeSystem {
  readonly profiles: FakeProfile[] = [];
  readonly events: {
    cioId: string;
    name: string;
    timestamp?: number;
    attributes: Record<string, unknown>;
  }[] = [];
  readonly suppressed = new Set<string>();
  /** "Attribute Update Failures" of the workspace: identifiers that were not written in spite of a 200. */
  readonly failures: string[] = [];
  readonly siteId = 'site-1';
  trackKey = 'track-key';
  appKey = 'app-key';
  /** The address of the region that the account is in; null: this one. */
  regionUrl: string | null = null;
  emailsIdentify = true;
  private readonly processed = new Set<string>();
  private nextId = 0xa3000001;

  byId(id: string): FakeProfile | undefined {
    return this.profiles.find((profile) => profile.id === id);
  }

  add(given: Partial<FakeProfile>): FakeProfile {
    const cioId = (this.nextId++).toString(16);
    const profile = { cioId, id: null, email: null, attributes: {}, ...given };
    this.profiles.push(profile);
    return profile;
  }

  protected answer(request: ReceivedRequest): FakeAnswer {
    const { path, headers } = request;
    const isTrack = path.startsWith('/api/');
    const basic = Buffer.from(`${this.siteId}:${this.trackKey}`).toString('base64');
    if (headers.authorization !== (isTrack ? `Basic ${basic}` : `Bearer ${this.appKey}`))
      return { status: 401, body: { meta: { error: 'Unauthorized request' } } };
    return isTrack ? this.track(request) : this.app(request);
  }

  private track({ method, path, body }: ReceivedRequest): FakeAnswer {
    if (path === '/api/v1/accounts/region')
      return { status: 200, body: { url: this.regionUrl ?? this.url, region: 'us', environment_id: 3 } };
    if (path === '/api/v2/batch') return this.batch(body);
    const suppress = /^\/api\/v1\/customers\/([^/]+)\/suppress$/.exec(path);
    if (suppress && method === 'POST') {
      this.suppress({ id: decodeURIComponent(suppress[1] ?? '') });
      return { status: 200, body: {} };
    }
    return { status: 404, body: { meta: { error: 'not found' } } };
  }

  private batch(body: { batch?: Item[] }): FakeAnswer {
    if (!Array.isArray(body?.batch) || sizeOf(body) > 500 * 1024)
      return {
        status: 400,
        body: { errors: [{ reason: 'invalid', field: 'batch', message: 'invalid batch' }] },
      };
    const errors: object[] = [];
    for (const [at, item] of body.batch.entries()) {
      const problem = problemOf(item);
      if (problem) errors.push({ batch_index: at, ...problem });
      else this.process(item);
    }
    return errors.length > 0 ? { status: 207, body: { errors } } : { status: 200, body: {} };
  }

  private process({ action, identifiers = {}, attributes = {}, name = '', id, timestamp }: Item): void {
    if (action === 'suppress') return this.suppress(identifiers);
    if (Object.values({ ...identifiers, email: attributes.email }).some((one) => this.isSuppressed(one)))
      return;
    if (action === 'identify') return this.identify(identifiers, attributes);
    if (id && this.processed.has(id)) return;
    if (id) this.processed.add(id);
    const profile = this.find(identifiers) ?? (identifiers.cio_id ? null : this.add(identifiers));
    if (profile) this.events.push({ cioId: profile.cioId, name, timestamp, attributes });
  }

  private identify(identifiers: Record<string, unknown>, attributes: Record<string, unknown>): void {
    const { id, email, ...rest } = attributes;
    const named = { id, email: typeof email === 'string' ? email.toLowerCase() : email };
    const found = this.find(identifiers) ?? (identifiers.cio_id ? null : this.find(named));
    if (!found && identifiers.cio_id) return;
    const profile = found ?? this.add({});
    for (const key of ['id', 'email'] as const) {
      const value = named[key] ?? identifiers[key];
      if (value === undefined || value === profile[key]) continue;
      const isFree = !this.profiles.some((other) => other !== profile && other[key] === value);
      const mayChange = profile[key] === null || identifiers.cio_id !== undefined;
      if (isFree && mayChange) profile[key] = value === '' ? null : String(value);
      else this.failures.push(`${key} ${String(value)}`);
    }
    for (const [key, value] of Object.entries(rest)) {
      if (value === null || value === '') delete profile.attributes[key];
      else profile.attributes[key] = value;
    }
  }

  private suppress(identifiers: Record<string, unknown>): void {
    const profile = this.find(identifiers);
    for (const one of [identifiers.id, identifiers.email, profile?.id, profile?.email])
      if (one) this.suppressed.add(String(one));
    if (profile) this.profiles.splice(this.profiles.indexOf(profile), 1);
  }

  private isSuppressed(value: unknown): boolean {
    return typeof value === 'string' && this.suppressed.has(value);
  }

  private find({ id, email, cio_id: cioId }: Record<string, unknown>): FakeProfile | null {
    const found = this.profiles.find(
      (profile) =>
        (id && profile.id === id) || (email && profile.email === email) || (cioId && profile.cioId === cioId),
    );
    return found ?? null;
  }

  private app({ method, path, query, body }: ReceivedRequest): FakeAnswer {
    if (path === '/v1/customers/attributes' && method === 'POST') {
      const idType = query.get('id_type') ?? 'id';
      const isKnown = ['id', 'cio_id'].includes(idType) || (idType === 'email' && this.emailsIdentify);
      const { ids } = body as { ids?: string[] };
      if (!isKnown || !Array.isArray(ids) || ids.length < 1 || ids.length > 100)
        return { status: 400, body: { meta: { errors: ['invalid request'] } } };
      const found = ids.flatMap((id) => this.find({ [idType]: id }) ?? []);
      return {
        status: 200,
        body: { customers: found.map((profile) => ({ customer: customerOf(profile) })) },
      };
    }
    if (path === '/v1/customers' && method === 'GET') {
      const email = query.get('email')?.toLowerCase() ?? '';
      const found = this.profiles.filter((profile) => profile.email === email);
      const results = found.map(({ cioId, id, email: address }) => ({ cio_id: cioId, id, email: address }));
      return { status: 200, body: { results } };
    }
    const attributes = /^\/v1\/customers\/([^/]+)\/attributes$/.exec(path);
    const profile = attributes && this.find({ [query.get('id_type') ?? 'id']: attributes[1] });
    if (profile) return { status: 200, body: { customer: customerOf(profile) } };
    return { status: 404, body: { errors: [{ detail: 'not found', status: '404' }] } };
  }
}

/** Attributes are read as texts. */
function customerOf({ cioId, id, email, attributes }: FakeProfile): object {
  const all = { ...attributes, cio_id: cioId, ...(id ? { id } : {}), ...(email ? { email } : {}) };
  const texts = Object.fromEntries(Object.entries(all).map(([key, value]) => [key, String(value)]));
  return { id: id ?? '', identifiers: { cio_id: cioId, id, email }, attributes: texts, unsubscribed: false };
}

function problemOf(item: Item): ItemProblem | null {
  const { type, action, identifiers = {}, attributes = {}, name, id, timestamp } = item;
  const problem = (reason: string, field: string) => ({ reason, field, message: `${field} is not valid` });
  const keys = Object.keys(identifiers);
  if (sizeOf(item) > 32 * 1024) return problem('too large', 'body');
  if (type !== 'person') return problem('invalid', 'type');
  if (keys.length !== 1 || !IDENTIFIERS.has(keys[0] ?? '')) return problem('invalid', 'identifiers');
  if (!['identify', 'event', 'suppress'].includes(action ?? '')) return problem('invalid', 'action');
  if (action === 'event' && !name) return problem('required', 'name');
  if (id !== undefined && !ULID.test(id)) return problem('invalid', 'id');
  if (timestamp !== undefined && !Number.isInteger(timestamp)) return problem('invalid', 'timestamp');
  if (typeof attributes.email === 'string' && !attributes.email.includes('@'))
    return problem('Invalid email', 'attributes.email');
  return null;
}

function sizeOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}
