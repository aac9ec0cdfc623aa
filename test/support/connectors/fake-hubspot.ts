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

interface Batch {
  inputs: UpsertInput[];
  idProperty?: string;
  properties?: Record<string, string>;
}

interface NewTask {
  properties: Record<string, string>;
  associations: { to: { id: string }; types: { associationTypeId: number }[] }[];
}

/** HubSpot's order. A contact moves back only after its stage was cleared. */
const STAGES = ['subscriber', 'lead', 'opportunity', 'customer', 'evangelist', 'other'];
const UNIQUE = 'mingus_customer_id';
const PATH = '/crm/v3/objects/contacts';
const TASKS = '/crm/v3/objects/tasks';

export interface FakeTask {
  id: string;
  properties: Record<string, string>;
  contactId: string;
}

/**
 * HubSpot's contacts, as far as the connector uses them: batches by a unique property, 200 or 207, errors that name their
 * rows by `objectWriteTraceId`, stages that do not move back, unique emails, permanent deletion, tasks, the account's id.
 */
export class FakeHubSpot extends FakeSystem {
  readonly contacts = new Map<string, FakeContact>();
  /** Contacts that were deleted for good. */
  readonly deleted: string[] = [];
  readonly tasks = new Map<string, FakeTask>();
  portalId = 140_000_001;
  token = 'pat-eu1-test';
  hasKeyProperty = true;
  /** Whether it refuses to delete contacts. */
  isUnderLegalHold = false;
  rateHeaders: Record<string, string> = {};
  private nextId = 101;

  byKey(customerId: string): FakeContact | undefined {
    return this.find(UNIQUE, customerId);
  }

  /** The first contact with this value. */
  protected find(property: string, value: string): FakeContact | undefined {
    return [...this.contacts.values()].find(({ properties }) => properties[property] === value);
  }

  protected answer(request: ReceivedRequest): FakeAnswer {
    const { method, path, headers, body } = request;
    if (headers.authorization !== `Bearer ${this.token}`)
      return failure(401, 'INVALID_AUTHENTICATION', 'The OAuth token used to make this call expired');
    const answer = this.route(`${method} ${path}`, request, body);
    return { ...answer, headers: { ...this.rateHeaders, ...answer.headers } };
  }

  private route(call: string, { path, query }: ReceivedRequest, body: Batch): FakeAnswer {
    if (call === 'GET /account-info/v3/details')
      return { status: 200, body: { portalId: this.portalId, accountType: 'STANDARD' } };
    if (call === `GET /crm/v3/properties/contacts/${UNIQUE}`)
      return this.hasKeyProperty
        ? { status: 200, body: { name: UNIQUE, hasUniqueValue: true } }
        : failure(404, 'OBJECT_NOT_FOUND', 'Property does not exist');
    if (call === `POST ${PATH}/batch/upsert`) return this.upsertAll(body.inputs);
    if (call === `POST ${PATH}/batch/read`) return this.readAll(body);
    if (call === `POST ${PATH}/gdpr-delete`)
      return this.deleteForGood((body as { objectId?: string }).objectId);
    if (call.startsWith(`PATCH ${PATH}/`)) return this.change(path.slice(PATH.length + 1), body);
    if (call === `POST ${TASKS}`) return this.createTask(body as unknown as NewTask);
    if (call.startsWith(`DELETE ${TASKS}/`)) {
      this.tasks.delete(path.slice(TASKS.length + 1));
      return { status: 204 };
    }
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
    const other = properties.email ? this.find('email', properties.email) : undefined;
    return other && other.properties[UNIQUE] !== id ? 'CONFLICT' : null;
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

  /** Unique values cannot be taken from another contact. */
  private change(id: string, { properties }: Batch): FakeAnswer {
    const contact = this.contacts.get(id);
    if (!contact) return failure(404, 'OBJECT_NOT_FOUND', 'resource not found');
    const owner = this.byKey(properties?.[UNIQUE] ?? '');
    if (owner && owner.id !== id) return failure(400, 'VALIDATION_ERROR', 'Property values were not valid');
    Object.assign(contact.properties, properties);
    return { status: 200, body: contact };
  }

  private createTask({ properties, associations }: NewTask): FakeAnswer {
    const [association] = associations;
    if (!properties.hs_timestamp || association?.types[0]?.associationTypeId !== 204)
      return failure(400, 'VALIDATION_ERROR', 'hs_timestamp and an association are required');
    const task = { id: String(this.nextId++), properties, contactId: association.to.id };
    this.tasks.set(task.id, task);
    return { status: 201, body: task };
  }

  private readAll({ inputs, idProperty }: Batch): FakeAnswer {
    const results = inputs.flatMap(({ id }) => this.find(idProperty ?? 'hs_object_id', id) ?? []);
    return { status: results.length === inputs.length ? 200 : 207, body: { status: 'COMPLETE', results } };
  }

  private deleteForGood(objectId: string | undefined): FakeAnswer {
    if (!objectId) return failure(400, 'VALIDATION_ERROR', 'objectId is required');
    if (this.isUnderLegalHold) return failure(400, 'LEGAL_HOLD', 'The contact is kept');
    this.contacts.delete(objectId);
    this.deleted.push(objectId);
    return { status: 204 };
  }
}

function failure(status: number, category: string, message: string): FakeAnswer {
  return { status, body: { status: 'error', category, message } };
}
