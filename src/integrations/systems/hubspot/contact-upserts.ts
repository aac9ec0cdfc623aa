import type {
  ConnectorSession,
  ConnectorValues,
  Fields,
  OutgoingRow,
  RowResult,
} from '../../connectors/connector.js';
import { isSuccess, NOT_IN_ANSWER, unsettledBy } from '../../connectors/http-results.js';
import { keepFilled } from '../../connectors/row-fields.js';
import { assertRead } from '../../connectors/row-results.js';
import { adoptByEmail } from './contact-adoption.js';
import { type Contact, CONTACTS, KEY, requestTo } from './hubspot-requests.js';

export const STAGE = 'lifecyclestage';

/** What HubSpot says of a value that another contact has, such as an address. */
const CONFLICT = 'conflict';

/** The answer to a batch. https://developers.hubspot.com/docs/api-reference/crm-contacts-v3/batch */
interface BatchAnswer {
  results?: (Contact & { objectWriteTraceId?: string })[];
  errors?: { category?: string; message?: string; context?: Record<string, string[]> }[];
}

/** The result of a row with what HubSpot has stored. */
interface Upserted {
  row: OutgoingRow;
  result: RowResult;
  stored: Contact['properties'];
}

/** Writes contacts by our id. A contact that HubSpot had before, with the same address, becomes ours. */
export async function upsertContacts(
  rows: readonly OutgoingRow[],
  session: ConnectorSession,
): Promise<RowResult[]> {
  const upserted = await upsert(await withoutCorrected(rows, session), session);
  const refused = upserted.filter(({ result }) => result.result === 'rejected' && result.code === CONFLICT);
  if (refused.length > 0) await adopt(refused, upserted, session);
  const backwards = upserted.filter(isStageKept);
  if (backwards.length > 0) await moveBack(backwards, upserted, session);
  return upserted.map(({ result }) => result);
}

/** Without what people may have corrected in contacts that have our id, but are not known to be written. */
async function withoutCorrected(
  rows: readonly OutgoingRow[],
  session: ConnectorSession,
): Promise<readonly OutgoingRow[]> {
  const isAsked = ({ foreignId, keptFields = [], fields }: OutgoingRow) =>
    foreignId === null && keptFields.some((name) => fields[name] !== undefined);
  const asked = rows.filter(isAsked);
  if (asked.length === 0) return rows;
  const present = await readContacts(asked, session);
  return rows.map((row) => keepFilled(row, present.get(row.person.customerId) ?? {}));
}

/**
 * The present properties of contacts, by our id.
 * @param further properties beside those of the rows
 * @throws ReadFailed, OutboundFault
 */
export async function readContacts(
  rows: readonly OutgoingRow[],
  session: ConnectorSession,
  further: readonly string[] = [],
): Promise<Map<string, Fields>> {
  const names = rows.flatMap(({ fields, keptFields = [] }) => [...Object.keys(fields), ...keptFields]);
  const inputs = rows.map(({ person }) => ({ id: person.customerId }));
  const body = { inputs, idProperty: KEY, properties: [...new Set([KEY, ...further, ...names])] };
  const response = await session.request(requestTo(session, 'POST', `${CONTACTS}/batch/read`, body));
  assertRead(response);
  const { results = [] } = response.json as { results?: Contact[] };
  return new Map(results.map(({ properties }) => [String(properties[KEY]), properties as Fields]));
}

export function upsertRequest(rows: readonly OutgoingRow[], values: ConnectorValues) {
  const inputs = rows.map(({ deliveryId, person, fields }) => {
    const properties = { ...fields, [KEY]: person.customerId };
    return { id: person.customerId, idProperty: KEY, properties, objectWriteTraceId: deliveryId };
  });
  return requestTo(values, 'POST', `${CONTACTS}/batch/upsert`, { inputs });
}

async function upsert(rows: readonly OutgoingRow[], session: ConnectorSession): Promise<Upserted[]> {
  const response = await session.request(upsertRequest(rows, session));
  if (!isSuccess(response)) {
    const result = unsettledBy(response);
    return rows.map((row) => ({ row, result, stored: {} }));
  }
  // 207 answers some rows with errors.
  const { results = [], errors = [] } = (response.json ?? {}) as BatchAnswer;
  // The documentation lets an answer leave out the trace of a success.
  const stored = new Map(
    results.map((contact) => [contact.objectWriteTraceId ?? contact.properties[KEY], contact]),
  );
  const refused = new Map(
    errors.flatMap(({ context, ...error }) =>
      (context?.objectWriteTraceId ?? []).map((trace) => [trace, error] as const),
    ),
  );
  return rows.map((row) => {
    const contact = stored.get(row.deliveryId) ?? stored.get(row.person.customerId);
    if (contact)
      return { row, result: { result: 'accepted', foreignId: contact.id }, stored: contact.properties };
    const error = refused.get(row.deliveryId);
    // A success that does not mention the row wrote nothing for it.
    if (!error) return { row, result: NOT_IN_ANSWER, stored: {} };
    const { category = 'refused', message: detail } = error;
    const code = category.toLowerCase();
    return { row, result: { result: 'rejected', code, ...(detail ? { detail } : {}) }, stored: {} };
  });
}

/** Writes those again that were refused only because HubSpot had the contact without our id. */
async function adopt(
  refused: readonly Upserted[],
  upserted: Upserted[],
  session: ConnectorSession,
): Promise<void> {
  const adoptions = await adoptByEmail(
    refused.map(({ row }) => row),
    session,
  );
  const rows = adoptions.flatMap((one) => ('row' in one ? [one.row] : []));
  const again = rows.length > 0 ? await upsert(rows, session) : [];
  for (const [at, adoption] of adoptions.entries()) {
    const before = refused[at] as Upserted;
    const after = 'row' in adoption ? again[rows.indexOf(adoption.row)] : { ...before, result: adoption };
    upserted[upserted.indexOf(before)] = after as Upserted;
  }
}

/** HubSpot keeps a later lifecycle stage, without an error. */
function isStageKept({ row: { fields }, result, stored }: Upserted): boolean {
  const wanted = fields[STAGE];
  const kept = stored[STAGE];
  return wanted !== undefined && kept !== undefined && kept !== wanted && result.result === 'accepted';
}

/** A stage is cleared before an earlier one can be set. */
async function moveBack(
  backwards: readonly Upserted[],
  upserted: Upserted[],
  session: ConnectorSession,
): Promise<void> {
  const rows = backwards.map(({ row }) => row);
  await upsert(
    rows.map((row) => ({ ...row, fields: { [STAGE]: '' } })),
    session,
  );
  for (const [at, again] of (await upsert(rows, session)).entries()) {
    const result = isStageKept(again)
      ? { result: 'rejected' as const, code: 'stage_not_written' }
      : again.result;
    upserted[upserted.indexOf(backwards[at] as Upserted)] = { ...again, result };
  }
}
