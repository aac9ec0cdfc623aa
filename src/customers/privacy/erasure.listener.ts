import { Injectable } from '@nestjs/common';
import { OnEvent } from '@nestjs/event-emitter';
import { CustomerErased } from '../../events/customers/customer-erased.event.js';
import { UserErased } from '../../events/customers/user-erased.event.js';
import type { UnitOfWork } from '../../platform/unit-of-work/unit-of-work.js';
import { DEFAULT_NOTIFICATIONS } from '../customer-defaults.js';
import { CustomerPreferences } from '../customer-preferences.entity.js';
import { Customer } from '../customer.entity.js';

@Injectable()
export class ErasureListener {
  @OnEvent(CustomerErased.eventName, { suppressErrors: false })
  forget({ customerId, userId }: CustomerErased, unit: UnitOfWork): void {
    const now = new Date();
    // With another state, an update that was decided before finds none of its own and is decided anew.
    unit.update(Customer, { id: customerId }, { ...NOBODY, stateAt: now, erasedAt: now, updatedAt: now });
    unit.execute(MARK_DELETED, { customerId });
    const preferences = { notifications: DEFAULT_NOTIFICATIONS, locale: 'en', timezone: 'UTC', metadata: {} };
    unit.update(CustomerPreferences, { customerId }, { ...preferences, updatedAt: now });
    if (userId !== null) unit.execute(FORGET_USER, { userId, customerId });
  }

  @OnEvent(UserErased.eventName, { suppressErrors: false })
  forgetUser({ userId }: UserErased, unit: UnitOfWork): void {
    unit.execute(FORGET_USER, { userId, customerId: null });
  }
}

/** What is left of a person: nothing. */
const NOBODY: Partial<Customer> = {
  userId: null,
  email: '',
  name: null,
  phone: null,
  description: null,
  address: null,
  shipping: null,
  metadata: {},
  preferredLocales: [],
  balanceMinor: 0,
  taxExempt: null,
  invoicePrefix: null,
  invoiceSettings: null,
  defaultSource: null,
  discount: null,
  additionalFields: {},
};

const MARK_DELETED = `
  update customers set deleted_at = coalesce(deleted_at, now())
  from json_to_recordset($1::json) as erased ("customerId" uuid) where id = "customerId"`;

/** MINGUS has its own; ours goes with the last customer of the user. */
const FORGET_USER = `
  delete from users
  using json_to_recordset($1::json) as erased ("userId" text, "customerId" uuid)
  where users.id = "userId"
    and not exists (select from customers where user_id = "userId" and customers.id is distinct from "customerId")`;
