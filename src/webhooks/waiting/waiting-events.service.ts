import { Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { DomainError } from '../../platform/http/domain-error.js';
import { EventReplayer } from '../replay/event-replayer.service.js';
import { WebhookEvent } from '../webhook-event.entity.js';
import type { WaitingEventDto } from '../linking/event-link.dto.js';
import { waitingWith } from '../linking/event-linker.service.js';

/** Which customer an event is about. */
export type OfCustomer = Pick<WebhookEvent, 'stripeCustomerId' | 'livemode'>;

/** Events that wait for a user whose customer is stored by now, because another event named one. */
@Injectable()
export class WaitingEvents {
  private readonly logger = new Logger('webhooks');

  constructor(
    private readonly replayer: EventReplayer,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  /**
   * Decides anew about those that tell of this customer, oldest first, each in a transaction
   * of its own. One that cannot be decided holds up no other.
   */
  async decideAbout(customer: OfCustomer): Promise<WaitingEventDto[]> {
    const { stripeCustomerId, livemode } = customer;
    const waiting = await this.dataSource.manager.find(WebhookEvent, {
      select: { id: true, stripeEventId: true, outcome: true },
      where: waitingWith(stripeCustomerId as string, livemode),
      order: { id: 'ASC' },
    });
    const decided: WaitingEventDto[] = [];
    for (const { stripeEventId, outcome: outcomeBefore } of waiting) {
      try {
        const { outcome, errorCode } = await this.replayer.replay(stripeEventId, { dryRun: false });
        decided.push({ stripeEventId, outcome, errorCode });
      } catch (error) {
        this.logger.error({ event: 'waiting event not decided', stripeEventId, error });
        const errorCode = error instanceof DomainError ? error.code : 'internal_error';
        decided.push({ stripeEventId, outcome: outcomeBefore, errorCode });
      }
    }
    return decided;
  }
}
