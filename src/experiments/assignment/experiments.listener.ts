import { Injectable } from '@nestjs/common';
import { CustomerCreated } from '../../events/customers/customer-created.event.js';
import { CustomerErased } from '../../events/customers/customer-erased.event.js';
import { CustomerLinked, CustomerUnlinked } from '../../events/customers/customer-links.event.js';
import { UserErased } from '../../events/customers/user-erased.event.js';
import { uuidv7 } from '../../platform/database/uuid.js';
import { OnFact } from '../../platform/facts/on-fact.decorator.js';
import type { UnitOfWork } from '../../platform/unit-of-work/unit-of-work.js';
import { strataOf } from './customer-strata.js';
import { storeArms } from './store-arms.js';
import { nameCustomer, releaseCustomer } from './unit-customers.queries.js';

/** Stores the arms that decisions assign, in the transaction that creates the customer. */
@Injectable()
export class ExperimentsListener {
  @OnFact(CustomerCreated)
  storeArms({ customerId, customer, user, history }: CustomerCreated, unit: UnitOfWork): void {
    const armed = { user, customerId, strata: strataOf(customer) };
    const added = storeArms(armed, history.assignment, unit);
    if (added.length > 0) {
      const arms = added.map(({ experiment, arm }) => `${experiment} (${arm})`);
      unit.reportChange(`Experiments joined: ${arms.join(', ')}`);
    }
  }

  /** A link assigns no arm. It may lead to the first customer of a user who has arms. */
  @OnFact(CustomerLinked)
  followLink({ customerId, userIdBefore, user }: CustomerLinked, unit: UnitOfWork): void {
    if (userIdBefore !== null) releaseCustomer({ userId: userIdBefore, customerId }, unit);
    nameCustomer({ userId: user.id, customerId }, unit);
  }

  @OnFact(CustomerUnlinked)
  followUnlink({ customerId, userIdBefore: userId }: CustomerUnlinked, unit: UnitOfWork): void {
    releaseCustomer({ userId, customerId }, unit);
  }

  @OnFact(CustomerErased)
  forgetWithCustomer({ customerId, userId }: CustomerErased, unit: UnitOfWork): void {
    if (userId !== null) unit.execute(FORGET, { userId, customerId, unitId: uuidv7() });
  }

  @OnFact(UserErased)
  forgetUser({ userId, pseudonym }: UserErased, unit: UnitOfWork): void {
    unit.execute(FORGET, { userId, customerId: null, unitId: pseudonym });
  }
}

/**
 * A user is kept while another customer is left. The ids of the customer and of the person, whose data are erased, stay:
 * what the unit did still counts. It runs before `behaviour/` cuts the user off the person (the order of app.module.ts).
 */
const FORGET = `
  update experiment_units set user_id = "unitId",
    person_id = (select people.person_id from people where people.user_id = "userId")
  from json_to_recordset($1::json) as erased ("userId" text, "customerId" uuid, "unitId" text)
  where experiment_units.user_id = "userId"
    and not exists (select from customers where user_id = "userId" and customers.id is distinct from "customerId")`;
