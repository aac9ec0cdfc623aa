import type { Connector, ConnectorSession, CreatedObject, DeliveryKind } from '../connectors/connector.js';

/** An action that was tried and has no id of what it created. */
export interface TriedAction {
  readonly kind: DeliveryKind;
  readonly deliveryId: string;
  /** Whether an attempt may have had its effect; always false for kinds that may be repeated. */
  readonly isUnknown: boolean;
}

/** What became of actions with an unknown outcome. */
interface UncertainObjects {
  /** What is to be deleted, if it is there. */
  readonly found: CreatedObject[];
  /** How many cannot be found, because the system cannot be asked for them. */
  readonly lost: number;
}

/**
 * Finds what actions may have created whose answers were lost: by the id that the system derives from that of the
 * delivery, or by a search.
 * @throws as `Connector.search`
 */
export async function findUncertain(
  connector: Connector,
  tried: readonly TriedAction[],
  person: { customerId: string; stripeCustomerId: string; foreignIds: readonly string[] },
  session: ConnectorSession,
): Promise<UncertainObjects> {
  const found: CreatedObject[] = [];
  let lost = 0;
  for (const { kind, deliveryId, isUnknown } of tried) {
    if (connector.createdIdOf) found.push({ kind, foreignId: connector.createdIdOf(deliveryId) });
    else if (isUnknown && connector.search) {
      const foreignId = await connector.search(rowOf(kind, deliveryId, person), session);
      if (foreignId !== null) found.push({ kind, foreignId });
    } else if (isUnknown) lost += 1;
  }
  return { found, lost };
}

/** A search needs ids only. */
function rowOf(
  kind: DeliveryKind,
  deliveryId: string,
  { customerId, stripeCustomerId, foreignIds }: Parameters<typeof findUncertain>[2],
): Parameters<NonNullable<Connector['search']>>[0] {
  const person = { customerId, stripeCustomerId, userId: null, email: '', name: null };
  return { deliveryId, kind, person, foreignId: foreignIds[0] ?? null, fields: {}, event: null };
}
