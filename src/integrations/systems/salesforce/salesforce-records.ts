import type { FieldValue, OutgoingRow } from '../../connectors/connector.js';
import { KEY, type SalesforceRecord } from './salesforce-api.js';

/** Fields of tasks that an action may set besides `ACTION_FIELDS`. */
const TASK_FIELDS = ['OwnerId', 'Priority', 'Status', 'Type'];

/** The contact of a person, ours or one to adopt; that there is none; or why the person gets none. */
type Match = SalesforceRecord | 'new' | 'email_of_another_person' | 'email_of_several_contacts';

/** Finds the contact of a person: by our id first, by email second. */
export function matchOf({ person }: OutgoingRow, contacts: readonly SalesforceRecord[]): Match {
  const own = contacts.find((contact) => contact[KEY] === person.customerId);
  if (own) return own;
  const email = person.email.toLowerCase();
  const same = contacts.filter((contact) => String(contact.Email ?? '').toLowerCase() === email);
  if (same.some((contact) => contact[KEY])) return 'email_of_another_person';
  if (same.length > 1) return 'email_of_several_contacts';
  return same[0] ?? 'new';
}

/**
 * A contact. A new one needs a last name: the only word of the name, or else the address. Names are cut to what Salesforce
 * takes; it refuses other values that are too long.
 */
export function contactOf({ fields, person }: OutgoingRow, isNew: boolean): Record<string, unknown> {
  const { FirstName, LastName, ...others } = fields;
  const name = person.name?.trim() ?? '';
  const first = FirstName === name ? undefined : FirstName;
  const last = LastName || (isNew ? name || person.email : undefined);
  return {
    ...others,
    ...(first === undefined ? {} : { FirstName: cut(first, 40) }),
    ...(last === undefined ? {} : { LastName: cut(last, 80) }),
    attributes: { type: 'Contact' },
    [KEY]: person.customerId,
  };
}

/** A task about the contact `foreignId`. */
export interface TaskRecord extends Readonly<Record<string, unknown>> {
  readonly WhoId?: string;
  /** A day. Null if the time cannot be read. */
  readonly ActivityDate?: string | null;
}

/** The task of an action. Texts are cut to what Salesforce takes. */
export function taskOf({ fields, deliveryId, foreignId }: OutgoingRow): TaskRecord {
  const { title = '', body, dueAt } = fields;
  const further = TASK_FIELDS.filter((name) => name in fields).map((name) => [name, fields[name]]);
  const due = new Date(String(dueAt));
  const day = Number.isNaN(due.getTime()) ? null : due.toISOString().slice(0, 10);
  return {
    ...Object.fromEntries(further),
    attributes: { type: 'Task' },
    Subject: cut(title, 255),
    ...(body ? { Description: cut(body, 32_000) } : {}),
    ...(dueAt ? { ActivityDate: day } : {}),
    ...(foreignId ? { WhoId: foreignId } : {}),
    [KEY]: deliveryId,
  };
}

/** At most so many characters, without the half of a pair at the end. */
function cut(value: FieldValue, max: number): FieldValue {
  return typeof value === 'string' ? value.slice(0, max).replace(/[\uD800-\uDBFF]$/, '') : value;
}
