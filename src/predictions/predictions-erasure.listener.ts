import { Injectable } from '@nestjs/common';
import { CustomerErased } from '../events/customers/customer-erased.event.js';
import { OnFact } from '../platform/facts/on-fact.decorator.js';
import type { UnitOfWork } from '../platform/unit-of-work/unit-of-work.js';

/** Removes the scores of an erased customer. Outcomes that are settled stay without the customer, and all counts with them. */
@Injectable()
export class PredictionsErasureListener {
  @OnFact(CustomerErased)
  erase({ customerId }: CustomerErased, unit: UnitOfWork): void {
    for (const text of [FORGET_SCORES, FORGET_OPEN, CUT]) unit.execute(text, { customerId });
  }
}

const ERASED = 'json_to_recordset($1::json) as erased ("customerId" uuid)';

const FORGET_SCORES = `delete from customer_predictions using ${ERASED} where customer_id = "customerId"`;

const FORGET_OPEN = `
  delete from prediction_outcomes using ${ERASED} where customer_id = "customerId" and outcome is null`;

const CUT = `update prediction_outcomes set customer_id = null from ${ERASED} where customer_id = "customerId"`;
