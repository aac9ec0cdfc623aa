import { Injectable } from '@nestjs/common';
import { CustomerDeleted } from '../events/customers/customer-deleted.event.js';
import { CustomerErased } from '../events/customers/customer-erased.event.js';
import { OnFact } from '../platform/facts/on-fact.decorator.js';
import type { UnitOfWork } from '../platform/unit-of-work/unit-of-work.js';

/** Stops the runs of customers who are gone, and empties what is kept about erased persons. */
@Injectable()
export class AutomationsErasureListener {
  @OnFact(CustomerDeleted)
  stopDeleted({ customerId }: CustomerDeleted, unit: UnitOfWork): void {
    unit.execute(STOP, { customerId, reason: 'customer_deleted' });
  }

  /** The runs stay without their history: their keys prevent that an old fact starts them again. */
  @OnFact(CustomerErased)
  eraseRuns({ customerId }: CustomerErased, unit: UnitOfWork): void {
    unit.execute(STOP, { customerId, reason: 'person_erased' });
    for (const statement of EMPTY) unit.execute(statement, { customerId });
  }
}

const STOP = `
  update automation_runs set state = 'stopped', reason = gone.reason, due_at = null, waits_until = null,
    updated_at = now(), ended_at = now()
  from json_to_recordset($1::json) as gone ("customerId" uuid, reason text)
  where customer_id = "customerId" and due_at is not null`;

const erased = (condition: string) =>
  `using json_to_recordset($1::json) as erased ("customerId" uuid) where ${condition}`;

const EMPTY = [
  `delete from automation_steps ${erased('run_id in (select id from automation_runs where customer_id = "customerId")')}`,
  `delete from customer_attributes ${erased('customer_id = "customerId"')}`,
  `delete from automation_crossings ${erased('customer_id = "customerId"')}`,
];
