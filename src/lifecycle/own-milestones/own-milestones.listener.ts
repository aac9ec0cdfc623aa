import { Injectable } from '@nestjs/common';
import { CustomerErased } from '../../events/customers/customer-erased.event.js';
import { UserErased } from '../../events/customers/user-erased.event.js';
import { OnFact } from '../../platform/facts/on-fact.decorator.js';
import type { UnitOfWork } from '../../platform/unit-of-work/unit-of-work.js';
import { UserMilestone } from './user-milestone.entity.js';

/** Removes milestones from users who are erased. */
@Injectable()
export class OwnMilestonesListener {
  @OnFact(CustomerErased)
  deleteWithCustomer({ customerId, userId }: CustomerErased, unit: UnitOfWork): void {
    if (userId !== null) unit.execute(DELETE, { userId, customerId });
  }

  /** Those of a user without customers are kept under another id, so that results of experiments stay. */
  @OnFact(UserErased)
  forgetUser({ userId, pseudonym }: UserErased, unit: UnitOfWork): void {
    unit.update(UserMilestone, { userId }, { userId: pseudonym });
  }
}

/** A user keeps the milestones while another customer is left. Each customer has a copy, which stays. */
const DELETE = `
  delete from user_milestones m
  using json_to_recordset($1::json) as erased ("userId" text, "customerId" uuid)
  where m.user_id = "userId"
    and not exists (select from customers where user_id = "userId" and customers.id is distinct from "customerId")`;
