import { Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import { type MessageChoices, MessageChoicesChanged } from '../../events/notification-facts.event.js';
import { inTransaction } from '../../platform/database/transaction.js';
import { FactRecorder } from '../../platform/unit-of-work/fact-recorder.service.js';

/** What a customer has chosen, with what it takes to write to them. */
export interface CustomerChoices extends MessageChoices {
  stripeCustomerId: string;
  preferredLocales: string[];
  /** Whether the customer has chosen anything yet; what we guessed follows what Stripe tells. */
  hasChosen: boolean;
}

/** Reads and changes what customers choose. The rows are the customers' module's: it listens. */
@Injectable()
export class CustomerChoicesService {
  private readonly logger = new Logger('notifications');

  constructor(
    private readonly facts: FactRecorder,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  find(customerId: string): Promise<CustomerChoices | null> {
    return read(this.dataSource.manager, customerId, '');
  }

  /**
   * Changes them; the same choices again change and record nothing, but for the first time: then they are a choice.
   * @param choose the choices after, or null to leave them
   * @returns what they are now; null for nobody's
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
      if (before.hasChosen && JSON.stringify(told(chosen)) === JSON.stringify(told(before))) return before;
      const change = { before: told(before), after: told(chosen) };
      const fact = new MessageChoicesChanged(customerId, before.stripeCustomerId, via, change);
      await this.facts.record(manager, fact);
      this.logger.log({ event: 'message choices changed', customerId, via });
      return { ...before, ...chosen, hasChosen: true };
    });
  }
}

function told({ notifications, locale }: MessageChoices): MessageChoices {
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
