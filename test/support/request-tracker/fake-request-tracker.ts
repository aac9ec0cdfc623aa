import { type FakeAnswer, FakeSystem, type ReceivedRequest } from '../connectors/fake-system.js';

interface RtRecord {
  id: number;
  fields: Record<string, unknown>;
  /** By name. */
  custom: Record<string, string>;
}

const USER_LENGTHS: Readonly<Record<string, number>> = {
  Name: 200,
  EmailAddress: 120,
  RealName: 120,
  MobilePhone: 30,
  Organization: 200,
};
const API = '/REST/2.0';

/**
 * Request Tracker's users and tickets by REST 2, as an RT 5.0.3 answers: fields and custom fields that it does not have are
 * left out with a success, an address in use is a message of a success, longer texts are cut to bytes, and a condition on an unknown
 * custom field finds all users.
 */
export class FakeRequestTracker extends FakeSystem {
  readonly users: RtRecord[] = [];
  readonly tickets: RtRecord[] = [];
  readonly customFields = new Map([
    ['MINGUS customer', 'RT::User'],
    ['MINGUS reference', 'RT::Queue-RT::Ticket'],
    ['Plan', 'RT::User'],
  ]);
  token = '1-14-token';

  byOurId(customerId: string): RtRecord | undefined {
    return this.users.find(({ custom }) => custom['MINGUS customer'] === customerId);
  }

  /** A user that people made. */
  addUser(fields: Record<string, unknown>, custom: Record<string, string> = {}): RtRecord {
    const user = {
      id: this.users.length + 20,
      fields: { Privileged: 0, Disabled: 0, ...fields },
      custom: { ...custom },
    };
    this.users.push(user);
    return user;
  }

  protected answer({ method, path, query, headers, body }: ReceivedRequest): FakeAnswer {
    if (headers.authorization !== `token ${this.token}`) return failure(401, 'Unauthorized');
    const call = `${method} ${path.slice(API.length)}`;
    if (call === 'GET /rt') return { status: 200, body: { Version: '5.0.3', Plugins: [] } };
    if (call === 'POST /customfields') return this.listCustomFields();
    if (call === 'POST /users') return this.searchUsers(body[0]);
    if (call === 'POST /user') return this.createUser(body);
    if (call === 'POST /ticket') return this.createTicket(body);
    if (call === 'GET /tickets') return this.searchTickets(query.get('query') ?? '');
    const [, verb, kind, id = ''] = /^(\w+) \/(user|ticket)\/(.+)$/.exec(call) ?? [];
    const one = kind === 'ticket' ? this.tickets[Number(id) - 1] : this.findUser(decodeURIComponent(id));
    if (!one) return failure(404, 'Not Found');
    if (verb === 'PUT') return this.updateUser(one, body);
    return { status: 200, body: { ...shown(one), id: one.id } };
  }

  private findUser(id: string): RtRecord | undefined {
    return this.users.find((user) => String(user.id) === id || user.fields.Name === id);
  }

  private listCustomFields(): FakeAnswer {
    const items = [...this.customFields].map(([Name, LookupType]) => ({
      type: 'customfield',
      Name,
      LookupType,
    }));
    return { status: 200, body: page(items) };
  }

  private searchUsers({ field, value }: { field: string; value: string }): FakeAnswer {
    const [, name] = /^CustomField\.\{(.*)\}$/.exec(field) ?? [];
    const isFound = ({ fields, custom }: RtRecord) => {
      if (name === undefined) return String(fields[field]).toLowerCase() === value.toLowerCase();
      return this.customFields.get(name) === 'RT::User' ? custom[name] === value : true;
    };
    // The id of a user in a list is its name, and whether it is privileged is not said.
    const items = this.users.filter(isFound).map((user) => ({
      ...shown(user),
      id: user.fields.Name,
      Privileged: '',
    }));
    return { status: 200, body: page(items) };
  }

  private createUser({ CustomFields: custom = {}, ...fields }: Record<string, unknown>): FakeAnswer {
    if (this.isTaken('EmailAddress', fields.EmailAddress)) return failure(400, 'Email address in use');
    if (!fields.Name || this.isTaken('Name', fields.Name)) return failure(400, 'Name in use');
    const user = this.addUser({});
    this.write(user, fields);
    this.writeCustom(user, custom as Record<string, string>, 'RT::User');
    return { status: 201, body: { type: 'user', id: user.fields.Name } };
  }

  private updateUser(
    user: RtRecord,
    { CustomFields: custom = {}, ...fields }: Record<string, unknown>,
  ): FakeAnswer {
    const { EmailAddress: email, ...others } = fields;
    const isTaken = email !== user.fields.EmailAddress && this.isTaken('EmailAddress', email);
    this.write(user, isTaken || email === undefined ? others : fields);
    this.writeCustom(user, custom as Record<string, string>, 'RT::User');
    return { status: 200, body: [isTaken ? 'Email address in use' : 'User changed'] };
  }

  private createTicket({
    CustomFields: custom = {},
    Requestor: email,
    ...fields
  }: Record<string, unknown>): FakeAnswer {
    if (fields.Queue !== 'General')
      return failure(403, `No permission to create tickets in the queue '${fields.Queue}'`);
    if (email && !this.isTaken('EmailAddress', email)) this.addUser({ Name: email, EmailAddress: email });
    const ticket: RtRecord = {
      id: this.tickets.length + 1,
      fields: { ...fields, Requestor: email },
      custom: {},
    };
    this.tickets.push(ticket);
    this.writeCustom(ticket, custom as Record<string, string>, 'RT::Queue-RT::Ticket');
    return { status: 201, body: { type: 'ticket', id: String(ticket.id) } };
  }

  private searchTickets(query: string): FakeAnswer {
    const [, name = '', value] = /^'CF\.\{(.*)\}' = '(.*)'$/.exec(query) ?? [];
    if (value === undefined) return failure(400, 'Wrong query, expecting a OPERATOR');
    const found = this.tickets.filter(({ custom }) => custom[name] === value);
    return { status: 200, body: page(found.map((ticket) => ({ ...shown(ticket), id: String(ticket.id) }))) };
  }

  private isTaken(field: string, value: unknown): boolean {
    return this.users.some(
      ({ fields }) => String(fields[field]).toLowerCase() === String(value).toLowerCase(),
    );
  }

  private write(user: RtRecord, fields: Record<string, unknown>): void {
    for (const [name, value] of Object.entries(fields)) {
      const length = USER_LENGTHS[name];
      if (length) user.fields[name] = Buffer.from(String(value)).subarray(0, length).toString();
    }
  }

  private writeCustom({ custom }: RtRecord, given: Record<string, string>, lookup: string): void {
    for (const [name, value] of Object.entries(given))
      if (this.customFields.get(name) === lookup) custom[name] = value;
  }
}

function shown({ fields, custom }: RtRecord): Record<string, unknown> {
  const CustomFields = Object.entries(custom).map(([name, value]) => ({ name, values: [value] }));
  return { ...fields, CustomFields };
}

function page(items: object[]): object {
  return { items, count: items.length, total: items.length, page: 1, pages: 1, per_page: 20 };
}

function failure(status: number, message: string): FakeAnswer {
  return { status, body: { message } };
}
