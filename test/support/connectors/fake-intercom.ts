import { type FakeAnswer, FakeSystem, type ReceivedRequest } from './fake-system.js';

export interface IntercomContact {
  type: 'contact';
  id: string;
  workspace_id: string;
  external_id: string | null;
  role: 'user' | 'lead';
  email: string | null;
  name: string | null;
  phone: string | null;
  custom_attributes: Record<string, unknown>;
  unsubscribed_from_emails: boolean;
  created_at: number;
  updated_at: number;
  [field: string]: unknown;
}

export interface IntercomTicket {
  type: 'ticket';
  id: string;
  ticket_id: string;
  category: 'Customer';
  ticket_attributes: Record<string, unknown>;
  ticket_type: { type: 'ticket_type'; id: string };
  contacts: { type: 'contact.list'; contacts: { type: 'contact'; id: string; external_id: string | null }[] };
  open: boolean;
  created_at: number;
}

export interface IntercomEvent {
  user_id: string;
  event_name: string;
  created_at: number;
  metadata: Record<string, unknown>;
}

interface Filter {
  field?: string;
  operator: string;
  value: unknown;
}

const WORKSPACE = 'ab12cd34';
const REQUEST_ID = 'f93ecfa8-d08a-4325-8694-89aeb89c8f85';
const WRITABLE = new Set(
  'role external_id email phone name avatar signed_up_at last_seen_at owner_id unsubscribed_from_emails custom_attributes'.split(
    ' ',
  ),
);

/**
 * Intercom's contacts, events and tickets, as far as the connector uses them: a conflict names the contact in the way;
 * custom attributes have to be defined first; searches know contacts only once they are indexed; an event of the same
 * contact, name and second is accepted and left out; tickets have no key of idempotency.
 */
export class FakeIntercom extends FakeSystem {
  readonly contacts = new Map<string, IntercomContact>();
  readonly tickets = new Map<string, IntercomTicket>();
  readonly events: IntercomEvent[] = [];
  /** Contacts that are to be deleted for good. */
  readonly deleteRequests: string[] = [];
  readonly archived = new Set<string>();
  /** Contacts that searches do not find yet. */
  readonly unindexed = new Set<string>();
  readonly attributes = new Set(['mingus_stage']);
  readonly ticketAttributes = new Set(['_default_title_', '_default_description_', 'mingus_reference']);
  readonly ticketTypeId = '1234';
  /** Mails about tickets. */
  readonly mails: string[] = [];
  token = 'ic-token';
  mayReadTickets = true;
  /** The page about these requests is of an older version of the API. */
  takesDeleteRequests = true;
  rateHeaders: Record<string, string> = {};
  private nextId = 0x5ba682d2;

  byOurId(customerId: string): IntercomContact | undefined {
    return [...this.contacts.values()].find(({ external_id }) => external_id === customerId);
  }

  /** A contact that people made. */
  addContact(fields: Partial<IntercomContact>): IntercomContact {
    const id = `${(this.nextId++).toString(16)}3d7cf92bef87bfd4`;
    const at = Math.floor(Date.now() / 1000);
    const contact: IntercomContact = {
      type: 'contact',
      id,
      workspace_id: WORKSPACE,
      external_id: null,
      role: 'user',
      email: null,
      name: null,
      phone: null,
      custom_attributes: {},
      unsubscribed_from_emails: false,
      created_at: at,
      updated_at: at,
      ...fields,
    };
    this.contacts.set(id, contact);
    return contact;
  }

  protected answer(request: ReceivedRequest): FakeAnswer {
    const { headers } = request;
    if (headers.authorization !== `Bearer ${this.token}`)
      return failure(401, 'unauthorized', 'Access Token Invalid');
    if (!/^2\.\d+$/.test(String(headers['intercom-version'] ?? '')))
      return failure(400, 'intercom_version_invalid', 'The requested version could not be found');
    const answer = this.route(request);
    return { ...answer, headers: { ...this.rateHeaders, ...answer.headers } };
  }

  private route({ method, path, body }: ReceivedRequest): FakeAnswer {
    const call = `${method} ${path}`;
    if (call === 'GET /me') return this.me();
    if (call === 'POST /contacts') return this.createContact(body);
    if (call === 'POST /contacts/search') return this.searchContacts(body.query, body.pagination?.per_page);
    if (call === 'POST /events') return this.createEvent(body);
    if (call === 'POST /tickets') return this.createTicket(body);
    if (call === 'POST /tickets/search') return this.searchTickets(body.query, body.pagination);
    if (call === 'POST /user_delete_requests' && this.takesDeleteRequests)
      return this.requestDeletion(body.intercom_user_id);
    const [, verb, kind, id = ''] = /^(\w+) \/([a-z_/]+)\/([\w-]+)$/.exec(call) ?? [];
    if (`${verb} ${kind}` === 'GET contacts/find_by_external_id') return found(this.live(this.byOurId(id)));
    if (`${verb} ${kind}` === 'GET contacts') return found(this.live(this.contacts.get(id)));
    if (`${verb} ${kind}` === 'PUT contacts') return this.updateContact(id, body);
    if (`${verb} ${kind}` === 'DELETE contacts')
      return found(this.contacts.delete(id) ? { type: 'contact', id, deleted: true } : undefined);
    if (`${verb} ${kind}` === 'GET ticket_types') return this.showTicketType(id);
    if (`${verb} ${kind}` === 'DELETE tickets')
      return this.tickets.delete(id)
        ? { status: 200, body: { id, object: 'ticket', deleted: true } }
        : failure(404, 'ticket_not_found', 'Ticket not found');
    return failure(404, 'not_found', 'Resource Not Found');
  }

  private me(): FakeAnswer {
    const app = {
      type: 'app',
      id_code: WORKSPACE,
      name: 'Example',
      region: 'US',
      created_at: 1,
      secure: false,
    };
    return {
      status: 200,
      body: { type: 'admin', id: '991267459', name: 'Admin', email: 'a@example.com', app },
    };
  }

  private live(contact: IntercomContact | undefined): IntercomContact | undefined {
    return contact && !this.archived.has(contact.id) ? contact : undefined;
  }

  private createContact(body: Partial<IntercomContact>): FakeAnswer {
    const problem = this.problemOf(body) ?? this.conflictOf(body);
    if (problem) return problem;
    if (!body.external_id && !body.email)
      return failure(400, 'parameter_invalid', 'External id or email is required');
    return { status: 200, body: this.addContact(body) };
  }

  private updateContact(id: string, body: Partial<IntercomContact>): FakeAnswer {
    const present = this.live(this.contacts.get(id));
    if (!present) return failure(404, 'not_found', 'User Not Found');
    const problem = this.problemOf(body) ?? this.conflictOf(body, id);
    if (problem) return problem;
    const custom = { ...present.custom_attributes, ...body.custom_attributes };
    Object.assign(present, body, { custom_attributes: custom });
    return { status: 200, body: present };
  }

  private problemOf(body: Partial<IntercomContact>): FakeAnswer | null {
    const unknown = Object.keys(body).find((field) => !WRITABLE.has(field));
    if (unknown) return failure(400, 'parameter_invalid', `Unexpected parameter ${unknown}`);
    const attribute = Object.keys(body.custom_attributes ?? {}).find((name) => !this.attributes.has(name));
    if (attribute) return failure(400, 'parameter_invalid', `Custom attribute '${attribute}' does not exist`);
    if (body.email && !/^\S+@\S+$/.test(body.email))
      return failure(400, 'parameter_invalid', 'Email is invalid');
    if (String(body.name ?? '').length > 255) return failure(400, 'parameter_invalid', 'Name is too long');
    return null;
  }

  private conflictOf(body: Partial<IntercomContact>, id?: string): FakeAnswer | null {
    const other = [...this.contacts.values()].find((contact) => {
      const isSame = contact.external_id !== null && contact.external_id === body.external_id;
      const isTwin = contact.role === 'user' && body.email && contact.email === body.email;
      return contact.id !== id && (isSame || isTwin);
    });
    if (!other) return null;
    const kind = this.archived.has(other.id) ? 'An archived contact' : 'A contact';
    return failure(409, 'conflict', `${kind} matching those details already exists with id=${other.id}`);
  }

  private searchContacts(query: Filter, perPage = 50): FakeAnswer {
    const filters = (query.operator === 'OR' ? query.value : [query]) as Filter[];
    const isFound = (contact: IntercomContact) =>
      filters.some(({ field = '', operator, value }) => {
        const values = operator === 'IN' ? (value as unknown[]) : [value];
        return values.includes(contact[field]);
      });
    const data = [...this.contacts.values()].filter((contact) => {
      return this.live(contact) && !this.unindexed.has(contact.id) && isFound(contact);
    });
    const pages = { type: 'pages', page: 1, per_page: perPage, total_pages: 1 };
    return { status: 200, body: { type: 'list', data, total_count: data.length, pages } };
  }

  private createEvent(event: IntercomEvent): FakeAnswer {
    if (!event.event_name || !Number.isInteger(event.created_at))
      return failure(422, 'parameter_invalid', 'created_at must be a Unix timestamp in seconds');
    if (!this.live(this.byOurId(event.user_id))) return failure(404, 'not_found', 'User Not Found');
    const isKnown = this.events.some(({ user_id, event_name, created_at }) => {
      return user_id === event.user_id && event_name === event.event_name && created_at === event.created_at;
    });
    if (!isKnown) this.events.push(event);
    return { status: 202 };
  }

  private createTicket(body: {
    ticket_type_id?: string;
    contacts?: { id?: string }[];
    ticket_attributes?: Record<string, unknown>;
    skip_notifications?: boolean;
  }): FakeAnswer {
    if (body.ticket_type_id !== this.ticketTypeId)
      return failure(404, 'ticket_type_not_found', 'Ticket type not found');
    const contact = this.live(this.contacts.get(body.contacts?.[0]?.id ?? ''));
    if (!contact) return failure(404, 'not_found', 'Contact not found');
    const attributes = body.ticket_attributes ?? {};
    const unknown = Object.keys(attributes).find((name) => !this.ticketAttributes.has(name));
    if (unknown) return failure(400, 'parameter_invalid', `Ticket attribute ${unknown} does not exist`);
    const id = String(this.nextId++);
    const ticket: IntercomTicket = {
      type: 'ticket',
      id,
      ticket_id: String(this.tickets.size + 1),
      category: 'Customer',
      ticket_attributes: attributes,
      ticket_type: { type: 'ticket_type', id: this.ticketTypeId },
      contacts: {
        type: 'contact.list',
        contacts: [{ type: 'contact', id: contact.id, external_id: contact.external_id }],
      },
      open: true,
      created_at: Math.floor(Date.now() / 1000),
    };
    this.tickets.set(id, ticket);
    if (!body.skip_notifications) this.mails.push(`ticket ${id}`);
    return { status: 200, body: ticket };
  }

  private searchTickets(query: Filter, { per_page = 20, starting_after = '' } = {}): FakeAnswer {
    if (query.field !== 'contact_ids' || query.operator !== '=')
      return failure(400, 'field_not_found', 'The requested field was not found');
    const all = [...this.tickets.values()].filter(({ contacts }) => contacts.contacts[0]?.id === query.value);
    const from = starting_after ? all.findIndex(({ id }) => id === starting_after) + 1 : 0;
    const tickets = all.slice(from, from + per_page);
    const last = all.length > from + per_page ? tickets.at(-1) : undefined;
    const next = last ? { per_page, starting_after: last.id } : null;
    return {
      status: 200,
      body: { type: 'ticket.list', tickets, total_count: all.length, pages: { type: 'pages', next } },
    };
  }

  private requestDeletion(id: string): FakeAnswer {
    if (!this.contacts.delete(id)) return failure(404, 'not_found', 'User Not Found');
    this.deleteRequests.push(id);
    return { status: 200, body: { id: 10_000 + this.deleteRequests.length } };
  }

  private showTicketType(id: string): FakeAnswer {
    if (!this.mayReadTickets) return failure(403, 'forbidden', 'You do not have permission');
    if (id !== this.ticketTypeId) return failure(404, 'ticket_type_not_found', 'Ticket type not found');
    const attributes = [...this.ticketAttributes].map((name) => ({ type: 'ticket_type_attribute', name }));
    const list = { type: 'list', data: attributes };
    return { status: 200, body: { type: 'ticket_type', id, ticket_type_attributes: list } };
  }
}

function found(thing: object | undefined): FakeAnswer {
  return thing ? { status: 200, body: thing } : failure(404, 'not_found', 'User Not Found');
}

function failure(status: number, code: string, message: string): FakeAnswer {
  return { status, body: { type: 'error.list', request_id: REQUEST_ID, errors: [{ code, message }] } };
}
