import { type FakeAnswer, FakeSystem, type ReceivedRequest } from './fake-system.js';

export interface ZendeskUser {
  id: number;
  external_id: string | null;
  email: string | null;
  name: string;
  role: 'end-user' | 'agent' | 'admin';
  active: boolean;
  url: string;
  user_fields: Record<string, unknown>;
  [field: string]: unknown;
}

export interface ZendeskTicket {
  id: number;
  subject: string;
  status: string;
  external_id: string | null;
  requester_id: number;
  comment: { body: string; public: boolean };
  [field: string]: unknown;
}

interface ZendeskIdentity {
  id: number;
  user_id: number;
  type: 'email';
  value: string;
  primary: boolean;
}

type Body = Record<string, Record<string, any>>; // oxlint-disable-line no-explicit-any -- as received

/** Users' fields that can be written, by the API reference. */
const WRITABLE = new Set(
  'name email phone alias details notes locale time_zone organization_id external_id role tags user_fields skip_verify_email'.split(
    ' ',
  ),
);
const API = '/api/v2';

/**
 * Zendesk's users, identities and tickets, as far as the connector uses them: an address belongs to one user; an update
 * with another address adds it as a further one; unknown user fields are left out silently; a key of idempotency needs the
 * same body; a user with tickets that are not closed is not deleted; a deleted user stays until it is deleted for good.
 */
export class FakeZendesk extends FakeSystem {
  readonly users = new Map<number, ZendeskUser>();
  readonly identities: ZendeskIdentity[] = [];
  readonly tickets = new Map<number, ZendeskTicket>();
  readonly deletedUsers = new Set<number>();
  readonly deletedTickets = new Set<number>();
  /** Users and tickets that were deleted for good. */
  readonly purged: string[] = [];
  /** Mails that Zendesk sends to persons by itself. */
  readonly mails: string[] = [];
  /** Users that the index of the search does not have yet. */
  readonly unindexed = new Set<number>();
  readonly userFields = new Set(['mingus_stage']);
  readonly email = 'admin@example.com';
  token = 'zd-token';
  role: ZendeskUser['role'] = 'admin';
  rateHeaders: Record<string, string> = {};
  /** Keys of idempotency are kept for two hours. */
  readonly keys = new Map<string, { body: string; ticketId: number }>();
  private nextId = 9_007_199_001;

  byOurId(customerId: string): ZendeskUser | undefined {
    return [...this.users.values()].find(({ external_id }) => external_id === customerId);
  }

  /** A user that people made. */
  addUser(fields: Partial<ZendeskUser>): ZendeskUser {
    const id = this.nextId++;
    const url = `https://example.zendesk.com${API}/users/${id}.json`;
    const user: ZendeskUser = {
      id,
      url,
      external_id: null,
      email: null,
      name: 'Someone',
      role: 'end-user',
      active: true,
      user_fields: Object.fromEntries([...this.userFields].map((key) => [key, null])),
      ...fields,
    };
    this.users.set(id, user);
    if (user.email) this.addIdentity(id, user.email, true);
    return user;
  }

  protected answer(request: ReceivedRequest): FakeAnswer {
    const basic = Buffer.from(`${this.email}/token:${this.token}`).toString('base64');
    const isKnown = request.headers.authorization === `Basic ${basic}`;
    const answer = isKnown
      ? this.route(request)
      : request.path === `${API}/users/me`
        ? { status: 200, body: { user: { id: null, name: 'Anonymous user', role: 'end-user' } } }
        : { status: 401, body: { error: "Couldn't authenticate you" } };
    return { ...answer, headers: { ...this.rateHeaders, ...answer.headers } };
  }

  private route({ method, path, query, headers, body }: ReceivedRequest): FakeAnswer {
    const call = `${method} ${path.slice(API.length).replace(/\.json$/, '')}`;
    if (call === 'GET /users/me') return this.me();
    if (call === 'GET /users/show_many') return this.showMany(query);
    if (call === 'GET /users/search') return this.searchUsers(query.get('query') ?? '');
    if (call === 'POST /users') return this.createUser(body);
    if (call === 'POST /tickets') return this.createTicket(body, String(headers['idempotency-key'] ?? ''));
    if (call === 'GET /tickets') return this.ticketsBy('external_id', query.get('external_id'));
    const [, verb, kind = '', id = '', rest = ''] = /^(\w+) \/(\w+)\/(\d+)(\/.*)?$/.exec(call) ?? [];
    const one = `${verb} ${kind}${rest.replace(/\d+/, ':id')}`;
    if (one === 'GET users') return this.showUser(Number(id));
    if (one === 'PUT users') return this.updateUser(Number(id), body);
    if (one === 'DELETE users') return this.deleteUser(Number(id));
    if (one === 'DELETE deleted_users') return this.purge(this.deletedUsers, 'user', Number(id));
    if (one === 'GET users/tickets/requested') return this.ticketsBy('requester_id', Number(id));
    if (one === 'DELETE tickets') return this.deleteTicket(Number(id));
    if (one === 'DELETE deleted_tickets') return this.purge(this.deletedTickets, 'ticket', Number(id));
    if (one === 'GET users/identities')
      return {
        status: 200,
        body: { identities: this.identities.filter(({ user_id }) => user_id === Number(id)) },
      };
    if (one === 'POST users/identities') return this.createIdentity(Number(id), body);
    if (one === 'PUT users/identities/:id/make_primary')
      return this.makePrimary(Number(id), Number(/\d+/.exec(rest)?.[0]));
    return NOT_FOUND;
  }

  private me(): FakeAnswer {
    const url = `https://example.zendesk.com${API}/users/1.json`;
    return { status: 200, body: { user: { id: 1, url, name: 'Admin', email: this.email, role: this.role } } };
  }

  private showMany(query: URLSearchParams): FakeAnswer {
    const ids = (query.get('external_ids') ?? '').toLowerCase().split(',');
    if (ids.length > 100) return { status: 400, body: { error: 'TooManyValues' } };
    const users = [...this.users.values()].filter(
      ({ external_id, active }) => active && external_id && ids.includes(external_id.toLowerCase()),
    );
    return { status: 200, body: { users, count: users.length, next_page: null } };
  }

  private searchUsers(text: string): FakeAnswer {
    const [, email] = /^email:"([^"]*)"$/.exec(text) ?? [];
    const users = [...this.users.values()].filter((user) => {
      return user.active && !this.unindexed.has(user.id) && email && user.email?.includes(email);
    });
    return { status: 200, body: { users, count: users.length, next_page: null } };
  }

  private createUser({ user = {} }: Body): FakeAnswer {
    const problem = this.problemOf(user);
    if (problem) return problem;
    if (!user.name) return invalid('name', 'BlankValue', 'Name: cannot be blank');
    if (user.email && this.ownerOf(user.email))
      return invalid('email', 'DuplicateValue', `Email: ${user.email} is already being used by another user`);
    const { user_fields, skip_verify_email, ...fields } = user;
    const created = this.addUser(fields);
    this.writeCustom(created, user_fields);
    if (!skip_verify_email) this.mails.push(`verify ${user.email}`);
    return { status: 201, body: { user: created } };
  }

  private updateUser(id: number, { user = {} }: Body): FakeAnswer {
    const present = this.users.get(id);
    if (!present?.active) return NOT_FOUND;
    const problem = this.problemOf(user, id);
    if (problem) return problem;
    const { user_fields, skip_verify_email: _skipped, email, ...fields } = user;
    if (email && this.ownerOf(email) === undefined) {
      this.addIdentity(id, email, false);
      this.mails.push(`verify ${email}`);
    }
    Object.assign(present, fields);
    this.writeCustom(present, user_fields);
    return { status: 200, body: { user: present } };
  }

  private problemOf(user: Record<string, unknown>, id?: number): FakeAnswer | null {
    const unknown = Object.keys(user).find((field) => !WRITABLE.has(field));
    if (unknown) return { status: 400, body: { error: 'InvalidAttribute', description: unknown } };
    if (String(user.name ?? '').length > 255) return invalid('name', 'InvalidValue', 'Name: is too long');
    if (user.email !== undefined && !/^\S+@\S+\.\S+$/.test(String(user.email)))
      return invalid('email', 'InvalidFormat', `Email: ${String(user.email)} is not properly formatted`);
    const owner = user.external_id ? this.byOurId(String(user.external_id)) : undefined;
    if (owner && owner.id !== id)
      return invalid('external_id', 'DuplicateValue', 'External: has already been taken');
    return null;
  }

  /** Keys that the account does not have are left out silently. */
  private writeCustom(user: ZendeskUser, fields: Record<string, unknown> = {}): void {
    for (const [key, value] of Object.entries(fields))
      if (this.userFields.has(key)) user.user_fields[key] = value;
  }

  private ownerOf(email: string): number | undefined {
    return this.identities.find(({ value }) => value.toLowerCase() === email.toLowerCase())?.user_id;
  }

  private addIdentity(userId: number, value: string, primary: boolean): ZendeskIdentity {
    const identity = { id: this.nextId++, user_id: userId, type: 'email' as const, value, primary };
    this.identities.push(identity);
    return identity;
  }

  private createIdentity(userId: number, { identity: given = {} }: Body): FakeAnswer {
    if (this.ownerOf(given.value) !== undefined)
      return invalid(
        'value',
        'DuplicateValue',
        `Email: ${given.value} is already being used by another user`,
      );
    if (!given.skip_verify_email) this.mails.push(`verify ${given.value}`);
    return { status: 201, body: { identity: this.addIdentity(userId, given.value, false) } };
  }

  private makePrimary(userId: number, identityId: number): FakeAnswer {
    const own = this.identities.filter(({ user_id }) => user_id === userId);
    for (const identity of own) identity.primary = identity.id === identityId;
    const user = this.users.get(userId);
    if (user) user.email = own.find(({ primary }) => primary)?.value ?? null;
    return { status: 200, body: { identities: own } };
  }

  private showUser(id: number): FakeAnswer {
    const user = this.users.get(id);
    return user ? { status: 200, body: { user } } : NOT_FOUND;
  }

  private deleteUser(id: number): FakeAnswer {
    const user = this.users.get(id);
    if (!user?.active) return NOT_FOUND;
    const isOpen = [...this.tickets.values()].some((ticket) => {
      return ticket.requester_id === id && ticket.status !== 'closed';
    });
    if (isOpen) return invalid('base', 'InvalidValue', 'User is requester on tickets that are not closed');
    user.active = false;
    this.deletedUsers.add(id);
    return { status: 200, body: { user } };
  }

  private deleteTicket(id: number): FakeAnswer {
    if (!this.tickets.delete(id)) return NOT_FOUND;
    this.deletedTickets.add(id);
    return { status: 204 };
  }

  private purge(deleted: Set<number>, kind: 'user' | 'ticket', id: number): FakeAnswer {
    if (!deleted.delete(id)) return NOT_FOUND;
    this.purged.push(`${kind} ${id}`);
    if (kind === 'ticket') return { status: 200, body: { job_status: { id: '82de', status: 'queued' } } };
    this.users.delete(id);
    return { status: 200, body: { deleted_user: { id, active: false, email: null } } };
  }

  private ticketsBy(field: 'external_id' | 'requester_id', value: unknown): FakeAnswer {
    const tickets = [...this.tickets.values()].filter((ticket) => ticket[field] === value);
    return { status: 200, body: { tickets, count: tickets.length, next_page: null } };
  }

  private createTicket(body: Body, key: string): FakeAnswer {
    const earlier = this.keys.get(key);
    const text = JSON.stringify(body);
    if (earlier && earlier.body !== text)
      return {
        status: 400,
        body: { error: 'IdempotentRequestError', description: 'Request parameters do not match' },
      };
    if (earlier) {
      const ticket = this.tickets.get(earlier.ticketId);
      return { status: 201, headers: { 'x-idempotency-lookup': 'hit' }, body: { ticket } };
    }
    const { requester, ...fields } = body.ticket ?? {};
    if (!fields.comment?.body) return invalid('base', 'BlankValue', 'Description: cannot be blank');
    if (fields.priority && !['low', 'normal', 'high', 'urgent'].includes(fields.priority))
      return invalid('priority', 'InvalidValue', `Priority: ${fields.priority} is not included in the list`);
    const requesterId = fields.requester_id ?? this.ownerOf(requester.email) ?? this.addUser(requester).id;
    if (!this.users.get(requesterId)?.active)
      return invalid('requester', 'InvalidValue', 'Requester: is invalid');
    const id = this.nextId++;
    const ticket = { status: 'new', ...fields, requester_id: requesterId, id } as unknown as ZendeskTicket;
    this.tickets.set(id, ticket);
    if (ticket.comment.public !== false) this.mails.push(`ticket ${id}`);
    if (key) this.keys.set(key, { body: text, ticketId: id });
    return { status: 201, headers: { 'x-idempotency-lookup': 'miss' }, body: { ticket } };
  }
}

const NOT_FOUND: FakeAnswer = { status: 404, body: { error: 'RecordNotFound', description: 'Not found' } };

function invalid(field: string, error: string, description: string): FakeAnswer {
  const details = { [field]: [{ error, description }] };
  return { status: 422, body: { error: 'RecordInvalid', description: 'Record validation errors', details } };
}
