import { Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, In, IsNull } from 'typeorm';
import { WAITING_OUTCOMES } from '../../stripe/event-outcome.js';
import { DomainError } from '../../../platform/http/domain-error.js';
import { EventReplayer } from '../replay/event-replayer.service.js';
import { WebhookEvent } from '../../inbox/webhook-event.entity.js';
import type { WaitingEventDto } from './waiting-event.dto.js';

/** The columns of an event that identify its customer. */
export type OfCustomer = Pick<WebhookEvent, 'stripeCustomerId' | 'livemode'>;

/** Decides about waiting events whose customer is stored by now, because another event named a user. */
@Injectable()
export class WaitingEvents {
  private readonly logger = new Logger('webhooks');

  constructor(
    private readonly replayer: EventReplayer,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  /**
   * Decides again about the waiting events of this customer, oldest first, each in a separate transaction. An
   * event that cannot be decided does not stop the others.
   */
  async decideAbout(customer: OfCustomer): Promise<WaitingEventDto[]> {
    const { stripeCustomerId, livemode } = customer;
    const waiting = await this.dataSource.manager.find(WebhookEvent, {
      select: { id: true, stripeEventId: true, outcome: true },
      where: {
        stripeCustomerId: stripeCustomerId as string,
        livemode: livemode ?? IsNull(),
        outcome: In(WAITING_OUTCOMES),
      },
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
