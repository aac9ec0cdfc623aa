import { type FakeAnswer, FakeSystem, type ReceivedRequest } from './fake-system.js';

export interface DeskTicket {
  id: string;
  person: string;
  title: string;
  reference: string;
}

/**
 * A made-up support system. It takes persons in batches, all or nothing; each ticket is a new one, which can be looked up
 * by its reference.
 */
export class FakeDesk extends FakeSystem {
  readonly persons = new Map<string, Record<string, unknown>>();
  readonly tickets: DeskTicket[] = [];
  /** Persons whose reads are refused, with all others of the same read. */
  readonly unreadable = new Set<string>();
  readonly events: { person: string; sequence: number; type: string }[] = [];

  protected answer({ method, path, query, body }: ReceivedRequest): FakeAnswer {
    if (path === '/persons' && method === 'GET') {
      const ids = query.get('ids')?.split(',') ?? [];
      if (ids.some((id) => this.unreadable.has(id))) return { status: 400, body: { error: 'bad id' } };
      return { status: 200, body: ids.map((id) => this.persons.get(id) ?? null) };
    }
    if (path === '/persons') {
      if (body.some(({ name }: { name?: string }) => name === 'poison'))
        return { status: 400, body: { error: 'bad person' } };
      for (const { id, ...fields } of body) this.persons.set(id, fields);
      return { status: 200 };
    }
    if (path === '/events') {
      this.events.push(...body);
      return { status: 202 };
    }
    if (path === '/tickets' && method === 'GET')
      return {
        status: 200,
        body: this.tickets.filter(({ reference }) => reference === query.get('reference')),
      };
    if (path === '/tickets') {
      const ticket = { id: `T${this.tickets.length + 1}`, ...body };
      this.tickets.push(ticket);
      return { status: 201, body: ticket };
    }
    return { status: 404 };
  }
}
