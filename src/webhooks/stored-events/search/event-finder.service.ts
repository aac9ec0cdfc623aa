import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { Any, DataSource, In, IsNull, Not } from 'typeorm';
import { UsersSource } from '../../../customers/users/users-source.service.js';
import { comparable, spellingsOf } from '../../../platform/mail-address.js';
import { type Condition, type EventSearch, toCondition } from './event-filter.js';

/** Translates a filter of events into conditions. */
@Injectable()
export class EventFinder {
  constructor(
    private readonly users: UsersSource,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  /**
   * The sets of conditions of a filter; an event must meet one of them. A person is searched in the customer
   * of an event, or in the event itself if it led to no customer. An address is searched in both.
   * @param range of ids
   */
  async conditionsOf(filter: EventSearch, range: Condition = {}): Promise<Condition[]> {
    const { email, stripeCustomerId, userId } = filter;
    const common = { ...toCondition(filter), ...range };
    if (!email && !stripeCustomerId && !userId) return [common];
    const userIds = userId ? await this.spellingsOfUser(userId) : null;
    const customersOf = (spellings: string[] | null) =>
      this.customerIdsOf(spellings, stripeCustomerId ?? null, userIds);
    const own = email ? { email: comparable(email) } : {};
    const stray = {
      customerId: IsNull(),
      ...(stripeCustomerId ? { stripeCustomerId } : {}),
      ...(userIds ? { mingusUserId: In(userIds) } : {}),
    };
    const conditions: Condition[] = [
      { ...common, ...own, ...stray },
      { ...common, customerId: await customersOf(email ? spellingsOf(email) : null) },
    ];
    if (!email) return conditions;
    const stored = stripeCustomerId || userIds ? await customersOf(null) : Not(IsNull());
    return [...conditions, { ...common, ...own, customerId: stored }];
  }

  private async customerIdsOf(...person: [string[] | null, string | null, string[] | null]) {
    const customers = await this.dataSource.query<{ id: string }[]>(CUSTOMERS, person);
    return Any<string>(customers.map(({ id }) => id));
  }

  /** The spellings of a user id: the given one, the stored one, and those in waiting events. */
  private async spellingsOfUser(userId: string): Promise<string[]> {
    const { id, awaitedAs } = await this.users.ask(userId);
    return [...new Set([userId.trim(), id, awaitedAs])];
  }
}

/**
 * `$1` spellings of a present or former address, `$2` Stripe's id, `$3` spellings of a user id; each may be
 * null. Each part of the union uses an index of addresses.
 */
const CUSTOMERS = `
  select id from customers
  where ($1::text[] is null or lower(email collate "C") = any($1)) and ($2::text is null or stripe_customer_id = $2)
    and ($3::text[] is null or user_id = any($3))
  union
  select customers.id from audit_entries entry join customers on customers.id = entry.customer_id
  where entry.action = 'customer.updated' and entry.personal ? 'email'
    and lower((entry.personal #>> '{email,before}') collate "C") = any($1)
    and ($2::text is null or stripe_customer_id = $2) and ($3::text[] is null or user_id = any($3))`;
