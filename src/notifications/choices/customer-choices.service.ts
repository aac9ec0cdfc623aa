import { Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import { type MessageChoices, MessageChoicesChanged } from '../../events/notification-facts.event.js';
import { inTransaction } from '../../platform/database/transaction.js';
import { Facts } from '../../platform/facts/facts.service.js';

/** A customer's choices, and what is needed to write to the customer. */
export interface CustomerChoices extends MessageChoices {
  stripeCustomerId: string;
  preferredLocales: string[];
  /** Whether the customer has chosen anything yet. Until then, Stripe's data decides. */
  hasChosen: boolean;
}

/**
 * Reads and changes customers' choices. The customers module owns the rows and changes them when it receives
 * the fact.
 */
@Injectable()
export class CustomerChoicesService {
  private readonly logger = new Logger('notifications');

  constructor(
    private readonly facts: Facts,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  find(customerId: string): Promise<CustomerChoices | null> {
    return read(this.dataSource.manager, customerId, '');
  }

  /**
   * Changes the choices. Saving the same choices again changes and records nothing. The first time is
   * recorded: it makes them the customer's choice.
   * @param choose returns the new choices, or null to leave them unchanged
   * @returns the choices as they are now; null if there is no such customer
   */
  change(
    customerId: string,
    via: MessageChoicesChanged['via'],
    choose: (before: CustomerChoices) => MessageChoices | null,
  ): Promise<CustomerChoices | null> {
    return inTransaction(this.dataSource, async (manager) => {
      const before = await read(manager, customerId, 'for no key update of p');
      const chosen = before && choose(before);
      if (!before || !chosen) return before;
      if (before.hasChosen && JSON.stringify(choicesOnly(chosen)) === JSON.stringify(choicesOnly(before)))
        return before;
      const change = { before: choicesOnly(before), after: choicesOnly(chosen) };
      const fact = new MessageChoicesChanged(customerId, before.stripeCustomerId, via, change);
      await this.facts.record(manager, fact);
      this.logger.log({ event: 'message choices changed', customerId, via });
      return { ...before, ...chosen, hasChosen: true };
    });
  }
}

function choicesOnly({ notifications, locale }: MessageChoices): MessageChoices {
  return { notifications, locale };
}

async function read(
  manager: EntityManager,
  customerId: string,
  lock: '' | 'for no key update of p',
): Promise<CustomerChoices | null> {
  const [row] = await manager.query<CustomerChoices[]>(
    `select c.stripe_customer_id as "stripeCustomerId", c.preferred_locales as "preferredLocales",
       p.notifications, p.locale, p.updated_at > p.created_at as "hasChosen"
     from customers c
     join customer_preferences p on p.customer_id = c.id
     where c.id = $1
     ${lock}`,
    [customerId],
  );
  return row ?? null;
}
