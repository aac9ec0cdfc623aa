import { Injectable } from '@nestjs/common';
import { CustomerErased } from '../../events/customers/customer-erased.event.js';
import { UserErased } from '../../events/customers/user-erased.event.js';
import type { UnitOfWork } from '../../platform/unit-of-work/unit-of-work.js';
import { DEFAULT_NOTIFICATIONS } from '../customer-defaults.js';
import { CustomerPreferences } from '../customer-preferences.entity.js';
import { Customer } from '../customer.entity.js';
import { OnFact } from '../../platform/facts/on-fact.decorator.js';

@Injectable()
export class ErasureListener {
  @OnFact(CustomerErased)
  eraseCustomer({ customerId, userId }: CustomerErased, unit: UnitOfWork): void {
    const now = new Date();
    // A concurrent update that was decided on the old `stateAt` finds no row, and is decided again.
    unit.update(Customer, { id: customerId }, { ...ERASED, stateAt: now, erasedAt: now, updatedAt: now });
    unit.execute(MARK_DELETED, { customerId });
    const preferences = { notifications: DEFAULT_NOTIFICATIONS, locale: 'en', timezone: 'UTC', metadata: {} };
    unit.update(CustomerPreferences, { customerId }, { ...preferences, updatedAt: now });
    if (userId !== null) unit.execute(DELETE_USER, { userId, customerId });
  }

  @OnFact(UserErased)
  eraseUser({ userId }: UserErased, unit: UnitOfWork): void {
    unit.execute(DELETE_USER, { userId, customerId: null });
  }
}

/** The columns of an erased customer. */
const ERASED: Partial<Customer> = {
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

/** Deletes our copy of the user when their last customer is erased. MINGUS's own table is not touched. */
const DELETE_USER = `
  delete from users
  using json_to_recordset($1::json) as erased ("userId" text, "customerId" uuid)
  where users.id = "userId"
    and not exists (select from customers where user_id = "userId" and customers.id is distinct from "customerId")`;
