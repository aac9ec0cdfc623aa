import { type FakeAnswer, FakeSystem, type ReceivedRequest } from './fake-system.js';

interface FakeRecord {
  id: string;
  externalId: string | null;
  name: string;
  traits: Record<string, unknown>;
}

export interface FakeAccount extends FakeRecord {}

export interface FakeUser extends FakeRecord {
  email: string | null;
  accountIds: string[];
}

export interface FakeTask extends FakeRecord {
  accountId: string;
  description: string | null;
  dueDate: string | null;
  archivedAt: string | null;
}

interface TrackedEvent {
  messageId: string;
  userId: string;
  event: string;
  properties: Record<string, unknown>;
}

const USER_FIELDS = ['externalId', 'name', 'email', 'avatar', 'accountIds', 'traits', 'joinDate'];
const ACCOUNT_FIELDS = ['externalId', 'name', 'organizationId', 'traits'];

/**
 * Vitally's REST API for users, accounts and tasks, and the events of its analytics API. Paths take its own id or the
 * external id, which only a creation sets. Traits are merged. Tasks are upserted by external id and archived when they are
 * deleted. Events are counted once by the id of their message.
 */
export class FakeVitally extends FakeSystem {
  readonly users = new Map<string, FakeUser>();
  readonly accounts = new Map<string, FakeAccount>();
  readonly tasks = new Map<string, FakeTask>();
  readonly events = new Map<string, TrackedEvent>();
  apiKey = 'sk_live_test';
  analyticsToken = 'YW5hbHl0aWNz';
  remaining = 999;
  private nextId = 1;

  add(fields: Partial<FakeUser>): FakeUser {
    const id = this.newId();
    const user = { id, externalId: null, name: 'Added', email: null, traits: {}, accountIds: [], ...fields };
    this.users.set(id, user);
    return user;
  }

  addAccount(fields: Partial<FakeAccount> = {}): FakeAccount {
    const account = { id: this.newId(), externalId: null, name: 'Acme', traits: {}, ...fields };
    this.accounts.set(account.id, account);
    return account;
  }

  user(externalId: string): FakeUser | undefined {
    return find(this.users, externalId);
  }

  account(externalId: string): FakeAccount | undefined {
    return find(this.accounts, externalId);
  }

  protected answer(request: ReceivedRequest): FakeAnswer {
    const { path, headers, body } = request;
    if (path === '/analytics/v1/track') {
      if (headers.authorization !== `Basic ${this.analyticsToken}`) return failure(401, 'Unauthorized');
      return this.track(body);
    }
    const limits = {
      'ratelimit-limit': '1000, 1000;window=60',
      'ratelimit-remaining': String(this.remaining),
      'ratelimit-reset': '42',
    };
    const key = Buffer.from(`${this.apiKey}:`).toString('base64');
    const isAllowed = headers.authorization === `Basic ${key}`;
    const answer = isAllowed ? this.route(request) : failure(401, 'Unauthorized');
    return { ...answer, headers: { ...limits, ...answer.headers } };
  }

  private route({ method, path, query, body }: ReceivedRequest): FakeAnswer {
    const [, resources, kind, id] = path.split('/');
    if (resources !== 'resources') return failure(404, 'Not Found');
    if (kind === 'users' && id === 'search') return this.search(query);
    if (kind === 'users') return this.onUsers(method, id, body);
    if (kind === 'accounts') return this.onAccounts(method, id, body);
    return kind === 'tasks' ? this.onTasks(method, id, body) : failure(404, 'Not Found');
  }

  private search(query: URLSearchParams): FakeAnswer {
    if ([...query.keys()].length !== 1)
      return failure(400, 'Exactly one of externalId, email, emailSubdomain');
    const [[name, wanted]] = [...query] as [[string, string]];
    const results = [...this.users.values()].filter((user) => user[name as 'email'] === wanted);
    return { status: 200, body: { results: results.map((user) => this.shown(user)) } };
  }

  private onUsers(method: string, id: string | undefined, body: Partial<FakeUser>): FakeAnswer {
    if (method === 'GET' && !id)
      return { status: 200, body: { results: [...this.users.values()], next: null } };
    if (method === 'POST') {
      if (!body.externalId || !body.accountIds?.length)
        return failure(400, 'externalId and accountIds are required');
      if (this.user(body.externalId)) return failure(400, 'externalId is taken');
      if (!body.accountIds.every((account) => this.accounts.has(account)))
        return failure(400, 'Account not found');
      const problem = problemOf(body, USER_FIELDS);
      return problem ? failure(400, problem) : { status: 200, body: this.shown(this.add(body)) };
    }
    const user = find(this.users, id ?? '');
    if (!user) return failure(404, 'User not found');
    if (method === 'DELETE') this.users.delete(user.id);
    if (method === 'PUT') {
      const problem = problemOf(body, USER_FIELDS);
      if (problem) return failure(400, problem);
      const { externalId: _kept, traits = {}, ...fields } = body;
      Object.assign(user, fields, { traits: { ...user.traits, ...traits } });
    }
    return { status: 200, body: this.shown(user) };
  }

  private onAccounts(method: string, id: string | undefined, body: Partial<FakeAccount>): FakeAnswer {
    if (method === 'POST') {
      if (!body.externalId || !body.name) return failure(400, 'externalId and name are required');
      if (this.account(body.externalId)) return failure(400, 'externalId is taken');
      const problem = problemOf(body, ACCOUNT_FIELDS);
      return problem ? failure(400, problem) : { status: 200, body: this.addAccount(body) };
    }
    const account = find(this.accounts, id ?? '');
    if (!account) return failure(404, 'Account not found');
    if (method === 'DELETE') this.accounts.delete(account.id);
    if (method === 'PUT') {
      const { traits = {}, ...fields } = body;
      Object.assign(account, fields, { traits: { ...account.traits, ...traits } });
    }
    return { status: 200, body: account };
  }

  private onTasks(method: string, id: string | undefined, body: Partial<FakeTask>): FakeAnswer {
    if (method === 'POST') {
      if (!body.name || !this.accounts.has(body.accountId ?? ''))
        return failure(400, 'name and accountId are required');
      const present = find(this.tasks, body.externalId ?? '');
      const made = { id: this.newId(), externalId: null, traits: {}, description: null, dueDate: null };
      const task = Object.assign(present ?? { ...made, archivedAt: null }, body) as FakeTask;
      this.tasks.set(task.id, task);
      return { status: 200, body: task };
    }
    const task = find(this.tasks, id ?? '');
    if (!task) return failure(404, 'Task not found');
    if (method === 'PUT') Object.assign(task, body);
    if (method === 'DELETE') task.archivedAt = new Date().toISOString();
    return { status: 200, body: task };
  }

  private track(event: TrackedEvent & { timestamp?: string }): FakeAnswer {
    if (!event.userId || !event.event || !event.properties || !event.timestamp)
      return failure(400, 'userId, event, properties and timestamp are required');
    if (!this.events.has(event.messageId)) this.events.set(event.messageId, event);
    return { status: 200, body: { message: 'Success.' } };
  }

  private shown(user: FakeUser): object {
    const accounts = user.accountIds.flatMap((id) => this.accounts.get(id) ?? []);
    return { ...user, accounts, organizations: [], segments: [], unsubscribedFromConversations: false };
  }

  private newId(): string {
    return `00000000-0000-4000-8000-${String(this.nextId++).padStart(12, '0')}`;
  }
}

function find<T extends FakeRecord>(records: Map<string, T>, id: string): T | undefined {
  return records.get(id) ?? [...records.values()].find(({ externalId }) => externalId === id);
}

function problemOf(body: object & { email?: string | null }, known: string[]): string | null {
  const unknown = Object.keys(body).find((name) => !known.includes(name));
  if (unknown) return `${unknown} is not allowed`;
  return body.email !== undefined && !body.email?.includes('@') ? 'email must be a valid email' : null;
}

function failure(status: number, error: string): FakeAnswer {
  return { status, body: { error } };
}
