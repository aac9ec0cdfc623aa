import { Injectable } from '@nestjs/common';
import { CustomerErased } from '../../events/customers/customer-erased.event.js';
import { UserErased } from '../../events/customers/user-erased.event.js';
import { OnFact } from '../../platform/facts/on-fact.decorator.js';
import type { UnitOfWork } from '../../platform/unit-of-work/unit-of-work.js';

/** Removes from the stream what names an erased person. Their events stay, and all counts with them. */
@Injectable()
export class BehaviourErasureListener {
  @OnFact(CustomerErased)
  eraseWithCustomer({ customerId, userId }: CustomerErased, unit: UnitOfWork): void {
    if (userId !== null) erase(userId, customerId, unit);
  }

  @OnFact(UserErased)
  eraseUser({ userId }: UserErased, unit: UnitOfWork): void {
    erase(userId, null, unit);
  }
}

function erase(userId: string, customerId: string | null, unit: UnitOfWork): void {
  unit.execute(LOCK, { userId, customerId });
  unit.execute(ERASE, { userId, customerId });
}

/** A user is kept while another customer is left. */
const ERASED = `
  from people
  join json_to_recordset($1::json) as erased ("userId" text, "customerId" uuid) on user_id = "userId"
  where not exists (select from customers where user_id = "userId" and customers.id is distinct from "customerId")`;

/** Waits for transactions that add events of the person. The next statement sees them. */
const LOCK = `select ${ERASED} order by person_id for update of people`;

const ERASE = `
  with erased as materialized (select person_id ${ERASED}
  ), emptied as (
    update behaviour_events set anonymous_id = null, properties = '{}', context = '{}'
    where person_id in (select person_id from erased)
  ), parted as (
    delete from anonymous_ids where person_id in (select person_id from erased)
  )
  update people set user_id = null where person_id in (select person_id from erased)`;
