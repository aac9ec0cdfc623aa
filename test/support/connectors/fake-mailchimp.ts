import { createHash } from 'node:crypto';
import { type FakeAnswer, FakeSystem, type ReceivedRequest } from './fake-system.js';

export interface FakeMember {
  id: string;
  contact_id: string;
  email_address: string;
  status: string;
  merge_fields: Record<string, string | number>;
  tags: { id: number; name: string }[];
  events: { name: string; occurred_at: string; properties: Record<string, string> }[];
}

interface MemberBody {
  email_address?: string;
  status?: string;
  status_if_new?: string;
  merge_fields?: Record<string, string | number>;
}

const STATUSES = new Set(['subscribed', 'unsubscribed', 'cleaned', 'pending', 'transactional']);

/**
 * An audience of Mailchimp: members by the MD5 of their address, merge fields that it ignores when it does not have them,
 * tags, events, journeys with an API trigger, segments by a merge field, and addresses that it refuses for ever after they
 * were deleted for good.
 */
export class FakeMailchimp extends FakeSystem {
  readonly members = new Map<string, FakeMember>();
  readonly mergeTags = new Set(['MINGUSID', 'FNAME', 'LNAME', 'STAGE']);
  /** Hashes of addresses that were deleted for good. */
  readonly forgotten = new Set<string>();
  /** Addresses that entered a journey, by `<journey>/<step>`. */
  readonly journeys = new Map<string, string[]>([['12/34', []]]);
  /** Values of `MINGUSID` by the id of a segment. */
  readonly segments = new Map<string, string>();
  readonly audienceId = 'a1b2c3d4e5';
  apiKey = '0123456789abcdef0123456789abcdef-us21';
  private nextId = 1;

  byEmail(email: string): FakeMember | undefined {
    return this.members.get(md5(email));
  }

  private byContact(contactId: string): FakeMember | undefined {
    return [...this.members.values()].find((member) => member.contact_id === contactId);
  }

  /** A member that people or a form added. */
  add(email: string, fields: Partial<FakeMember> = {}): FakeMember {
    const id = md5(email);
    const made = { id, contact_id: `c${this.nextId++}`, email_address: email, status: 'subscribed' };
    const member = { ...made, merge_fields: this.emptyFields(), tags: [], events: [], ...fields };
    this.members.set(id, member);
    return member;
  }

  protected answer(request: ReceivedRequest): FakeAnswer {
    const [scheme, credential = ''] = (request.headers.authorization ?? '').split(' ');
    const [user, key] = Buffer.from(credential, 'base64').toString().split(':');
    if (scheme !== 'Basic' || !user || key !== this.apiKey)
      return problem(
        401,
        'API Key Invalid',
        "Your API key may be invalid, or you've attempted to access the wrong datacenter.",
      );
    const path = request.path.replace(/^\/3\.0/, '');
    if (path === '/' || path === '')
      return { status: 200, body: { account_id: '8d3a3db4d97663a9074efcc16' } };
    if (path === '/ping') return { status: 200, body: { health_status: "Everything's Chimpy!" } };
    const journey = /^\/customer-journeys\/journeys\/(\d+)\/steps\/(\d+)\/actions\/trigger$/.exec(path);
    if (journey) return this.trigger(`${journey[1]}/${journey[2]}`, request.body.email_address);
    const list = `/lists/${this.audienceId}`;
    if (path === list) return { status: 200, body: { id: this.audienceId } };
    if (!path.startsWith(`${list}/`)) return notFound();
    return this.inAudience(request, path.slice(list.length));
  }

  private inAudience({ method, body }: ReceivedRequest, path: string): FakeAnswer {
    if (path === '/merge-fields')
      return { status: 200, body: { merge_fields: [...this.mergeTags].map((tag) => ({ tag })) } };
    if (path.startsWith('/segments')) return this.onSegments(method, path, body);
    const [, hash = '', rest = ''] = /^\/members\/([^/]+)(\/.*)?$/.exec(path) ?? [];
    const isByHash = rest === '/tags' || rest === '/actions/delete-permanent';
    const member = this.members.get(hash) ?? (isByHash ? undefined : this.byContact(hash));
    if (rest === '' && method === 'PUT') return member ? this.change(member, body) : this.create(hash, body);
    if (!member) return notFound();
    if (rest === '' && method === 'GET') return { status: 200, body: shown(member) };
    if (rest === '' && method === 'PATCH') return this.change(member, body);
    if (rest === '/tags' && method === 'POST') return this.tag(member, body.tags);
    if (rest === '/events' && method === 'GET') return { status: 200, body: { events: member.events } };
    if (rest === '/events' && method === 'POST') return this.record(member, body);
    if (rest !== '/actions/delete-permanent' || method !== 'POST') return notFound();
    this.members.delete(hash);
    this.forgotten.add(hash);
    return { status: 204 };
  }

  private create(hash: string, body: MemberBody): FakeAnswer {
    const { email_address: email = '', status_if_new: status = '' } = body;
    if (!STATUSES.has(status))
      return problem(400, 'Invalid Resource', 'The resource submitted could not be validated.', [
        { field: 'status_if_new', message: 'Data did not match any of the schemas described in anyOf.' },
      ]);
    if (!isAddress(email)) return problem(400, 'Invalid Resource', 'Please provide a valid email address.');
    if (this.forgotten.has(hash))
      return problem(
        400,
        'Forgotten Email Not Subscribed',
        `${email} was permanently deleted and cannot be re-imported. The contact must re-subscribe to get back on the list.`,
      );
    if (email.startsWith('eager'))
      return problem(
        400,
        'Invalid Resource',
        `${email} has signed up to a lot of lists very recently; we're not allowing more signups for now`,
      );
    return this.change(this.add(email, { status }), { ...body, email_address: email });
  }

  private change(member: FakeMember, { email_address: email, status, merge_fields }: MemberBody): FakeAnswer {
    for (const [tag, value] of Object.entries(merge_fields ?? {}))
      if (String(value).length > 255)
        return problem(400, 'Invalid Resource', 'Your merge fields were invalid.', [
          { field: tag, message: 'This value should be 255 characters or less.' },
        ]);
    if (email !== undefined && md5(email) !== member.id) {
      if (!isAddress(email)) return problem(400, 'Invalid Resource', 'Please provide a valid email address.');
      if (this.members.has(md5(email)))
        return problem(
          400,
          'Member Exists',
          `${email} is already a list member. Use PUT to insert or update.`,
        );
      this.members.delete(member.id);
      Object.assign(member, { id: md5(email), email_address: email });
      this.members.set(member.id, member);
    }
    if (status === 'subscribed' && member.status === 'unsubscribed')
      return problem(
        400,
        'Member In Compliance State',
        `${member.email_address} is in a compliance state due to unsubscribe, bounce, or compliance review and cannot be subscribed.`,
      );
    if (status) member.status = status;
    for (const [tag, value] of Object.entries(merge_fields ?? {}))
      if (this.mergeTags.has(tag)) member.merge_fields[tag] = value;
    return { status: 200, body: shown(member) };
  }

  private tag(member: FakeMember, tags: { name: string; status: string }[]): FakeAnswer {
    for (const { name, status } of tags) {
      if (name.length > 100) return problem(400, 'Bad Request', 'The tag name is too long.');
      member.tags = member.tags.filter((present) => present.name !== name);
      if (status === 'active') member.tags.push({ id: this.nextId++, name });
    }
    return { status: 204 };
  }

  private record(member: FakeMember, event: FakeMember['events'][number]): FakeAnswer {
    const isNamed = /^[\w-]{2,30}$/.test(event.name);
    if (!isNamed || Object.values(event.properties).some((value) => typeof value !== 'string'))
      return problem(400, 'Invalid Resource', 'The resource submitted could not be validated.');
    member.events.unshift(event);
    return { status: 204 };
  }

  private trigger(journey: string, email: string): FakeAnswer {
    const entered = this.journeys.get(journey);
    if (!entered) return notFound();
    const member = this.byEmail(email);
    if (member?.status !== 'subscribed')
      return problem(400, 'Bad Request', `The contact ${email} is not subscribed.`);
    entered.push(email);
    return { status: 204 };
  }

  private onSegments(
    method: string,
    path: string,
    body: { options: { conditions: [{ field: string; value: string }] } },
  ): FakeAnswer {
    const [, , id = '', members] = path.split('/');
    if (method === 'POST') {
      const [{ field, value }] = body.options.conditions;
      if (!this.mergeTags.has(field)) return problem(400, 'Invalid Resource', 'The field is not known.');
      const segment = this.nextId++;
      this.segments.set(String(segment), value);
      return { status: 200, body: { id: segment } };
    }
    const key = this.segments.get(id);
    if (key === undefined) return notFound();
    if (method === 'DELETE') {
      this.segments.delete(id);
      return { status: 204 };
    }
    if (members !== 'members') return notFound();
    const found = [...this.members.values()].filter(({ merge_fields }) => merge_fields.MINGUSID === key);
    return { status: 200, body: { members: found.map(shown) } };
  }

  private emptyFields(): Record<string, string> {
    return Object.fromEntries([...this.mergeTags].map((tag) => [tag, '']));
  }
}

function shown({ events: _events, ...member }: FakeMember) {
  return { ...member, list_id: 'a1b2c3d4e5', tags_count: member.tags.length };
}

function isAddress(email: string): boolean {
  return /^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(email);
}

function md5(email: string): string {
  return createHash('md5').update(email.toLowerCase()).digest('hex');
}

function notFound(): FakeAnswer {
  return problem(404, 'Resource Not Found', 'The requested resource could not be found.');
}

function problem(status: number, title: string, detail: string, errors?: object[]): FakeAnswer {
  const type = 'https://mailchimp.com/developer/marketing/docs/errors/';
  const body = { type, title, status, detail, instance: '995c5cb0-3280-4a6e-808b-3b096d0bb219', errors };
  return { status, headers: { 'content-type': 'application/problem+json; charset=utf-8' }, body };
}
