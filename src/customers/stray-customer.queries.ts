import type { EntityManager } from 'typeorm';
import type { StrayCustomerViewDto, StrayEventDto } from './stray-customer.dto.js';

const EVENTS_MAX = 100;

/** A customer with stored events only; null if there are none. */
export async function findStrayCustomer(
  manager: EntityManager,
  stripeCustomerId: string,
): Promise<StrayCustomerViewDto | null> {
  const events = await manager.query<StrayEventDto[]>(STRAY_EVENTS, [stripeCustomerId, EVENTS_MAX]);
  const [newest] = events;
  if (!newest) return null;
  const { outcome, errorCode, errorMessage } = newest;
  return { stripeCustomerId, isSetUp: false, outcome, errorCode, errorMessage, events };
}

const STRAY_EVENTS = `
  select stripe_event_id as "stripeEventId", type, outcome, error_code as "errorCode",
    error_message as "errorMessage", mingus_user_id as "mingusUserId", email, received_at as "receivedAt",
    decided_at as "decidedAt"
  from webhook_events where customer_id is null and stripe_customer_id = $1
  order by id desc limit $2`;
