import { type FakeAnswer, FakeSystem, type ReceivedRequest } from './fake-system.js';

export interface FakeContact {
  id: string;
  properties: Record<string, string | null>;
}

interface UpsertInput {
  id: string;
  idProperty?: string;
  properties: Record<string, string | null>;
  objectWriteTraceId?: string;
}

/** HubSpot's order. A contact moves back only after its stage was cleared. */
const STAGES = ['subscriber', 'lead', 'opportunity', 'customer', 'evangelist', 'other'];
const UNIQUE = 'mingus_customer_id';
const PATH = '/crm/v3/objects/contacts';

/**
 * HubSpot's contacts, as far as the connector uses them: batches by a unique property, 200 or 207, errors that name their
 * rows by `objectWriteTraceId`, stages that do not move back, unique emails, permanent deletion.
 */
export class FakeHubSpot extends FakeSystem {
  readonly contacts = new Map<string, FakeContact>();
  /** Contacts that were deleted for good. */
  readonly deleted: string[] = [];
  token = 'pat-eu1-test';
  hasKeyProperty = true;
  rateHeaders: Record<string, string> = {};
  private nextId = 101;

  byKey(customerId: string): FakeContact | undefined {
    return [...this.contacts.values()].find(({ properties }) => properties[UNIQUE] === customerId);
  }

  protected answer(request: ReceivedRequest): FakeAnswer {
    const { method, path, headers, body } = request;
    if (headers.authorization !== `Bearer ${this.token}`)
      return failure(401, 'INVALID_AUTHENTICATION', 'The OAuth token used to make this call expired');
    const answer = this.route(`${method} ${path}`, request, body);
    return { ...answer, headers: { ...this.rateHeaders, ...answer.headers } };
  }

  private route(call: string, { path, query }: ReceivedRequest, body: { inputs: UpsertInput[] }): FakeAnswer {
    if (call === `GET /crm/v3/properties/contacts/${UNIQUE}`)
      return this.hasKeyProperty
        ? { status: 200, body: { name: UNIQUE, hasUniqueValue: true } }
        : failure(404, 'OBJECT_NOT_FOUND', 'Property does not exist');
    if (call === `POST ${PATH}/batch/upsert`) return this.upsertAll(body.inputs);
    if (call === `POST ${PATH}/batch/read`) return this.readAll(body.inputs);
    if (call === `POST ${PATH}/gdpr-delete`)
      return this.deleteForGood((body as { objectId?: string }).objectId);
    if (call.startsWith(`GET ${PATH}/`) && query.get('idProperty') === UNIQUE) {
      const contact = this.byKey(path.slice(PATH.length + 1));
      return contact
        ? { status: 200, body: contact }
        : failure(404, 'OBJECT_NOT_FOUND', 'resource not found');
    }
    return failure(404, 'OBJECT_NOT_FOUND', call);
  }

  private upsertAll(inputs: UpsertInput[]): FakeAnswer {
    if (inputs.length > 100) return failure(400, 'VALIDATION_ERROR', 'The maximum number of inputs is 100');
    if (inputs.some(({ properties }) => 'unknown_property' in properties))
      return failure(400, 'VALIDATION_ERROR', 'Property values were not valid');
    const results: object[] = [];
    const errors: object[] = [];
    for (const input of inputs) {
      const problem = this.problemOf(input);
      const context = { objectWriteTraceId: [input.objectWriteTraceId] };
      if (problem)
        errors.push({ status: 'error', category: problem, message: `Refused: ${problem}`, context });
      else results.push({ ...this.upsert(input), objectWriteTraceId: input.objectWriteTraceId });
    }
    const body = {
      status: 'COMPLETE',
      results,
      ...(errors.length > 0 ? { errors, numErrors: errors.length } : {}),
    };
    return { status: errors.length > 0 ? 207 : 200, body };
  }

  private problemOf({ id, properties }: UpsertInput): string | null {
    if (properties.email !== undefined && !properties.email?.includes('@')) return 'INVALID_EMAIL';
    const other = [...this.contacts.values()].find(
      (contact) => contact.properties.email === properties.email,
    );
    return properties.email && other && other.properties[UNIQUE] !== id ? 'CONFLICT' : null;
  }

  private upsert({ id, properties }: UpsertInput): FakeContact {
    const contact = this.byKey(id) ?? { id: String(this.nextId++), properties: { [UNIQUE]: id } };
    this.contacts.set(contact.id, contact);
    for (const [name, value] of Object.entries(properties)) {
      const present = contact.properties[name];
      const isBackwards = STAGES.indexOf(String(value)) < STAGES.indexOf(String(present));
      if (name === 'lifecyclestage' && value !== '' && present && isBackwards) continue;
      contact.properties[name] = value === '' ? null : String(value);
    }
    return { id: contact.id, properties: { ...contact.properties } };
  }

  private readAll(inputs: UpsertInput[]): FakeAnswer {
    const results = inputs.flatMap(({ id }) => this.byKey(id) ?? []);
    return { status: results.length === inputs.length ? 200 : 207, body: { status: 'COMPLETE', results } };
  }

  private deleteForGood(objectId: string | undefined): FakeAnswer {
    if (!objectId) return failure(400, 'VALIDATION_ERROR', 'objectId is required');
    this.contacts.delete(objectId);
    this.deleted.push(objectId);
    return { status: 204 };
  }
}

function failure(status: number, category: string, message: string): FakeAnswer {
  return { status, body: { status: 'error', category, message } };
}
