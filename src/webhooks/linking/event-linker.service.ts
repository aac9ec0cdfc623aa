import { Injectable } from '@nestjs/common';
import { EventEmitter2 } from '@nestjs/event-emitter';
import { type EntityManager, In, IsNull } from 'typeorm';
import { WebhookEventLinked } from '../../events/webhooks/webhook-event-linked.event.js';
import { DomainError } from '../../platform/http/domain-error.js';
import { UnitOfWorkWriter } from '../../platform/unit-of-work/unit-of-work-writer.service.js';
import { type InterpretedEvent, ofUser } from '../decision/event-decision.js';
import { customerKey, type KnownState } from '../decision/known-state.js';
import { WAITING_OUTCOMES } from '../decision/event-outcome.js';
import { KnownStateReader } from '../decision/known-state-reader.service.js';
import { EventPlanner } from '../event-planner.service.js';
import type { ReceivedEvent } from '../intake/received-event.js';
import { effectOf } from '../replay/effect.js';
import { notifiedKindsOf } from '../replay/replay-planner.service.js';
import { WebhookEvent } from '../webhook-event.entity.js';
import type { EventLinkDto } from './event-link.dto.js';

/** What came of the event itself. */
export type EventLink = Omit<EventLinkDto, 'waiting'> & { customerId: string | null };

/** Decides a waiting event as if its object named the user whom an operator chose. */
@Injectable()
export class EventLinker {
  constructor(
    private readonly reader: KnownStateReader,
    private readonly planner: EventPlanner,
    private readonly emitter: EventEmitter2,
    private readonly writer: UnitOfWorkWriter,
  ) {}

  /**
   * Writes within the manager's transaction. The event's row is locked: of two who link it one is too late.
   * @param received the event, with the customer fetched where the event itself does not hold it
   * @throws DomainError event_not_linkable, user_not_found, customer_exists
   */
  async link(manager: EntityManager, received: ReceivedEvent, userId: string): Promise<EventLink> {
    const { stripeEventId } = received;
    const lock = { mode: 'for_no_key_update' } as const;
    const row = await manager.findOneOrFail(WebhookEvent, { where: { stripeEventId }, lock });
    assertLinkable(row);
    const event = ofUser(this.planner.interpret(received), userId);
    const known = await this.reader.read(manager, [event]);
    assertUserCanHave(event, known, userId);
    const { decision, unit } = await this.planner.replan(event, known);
    const { outcome, customerId, refusal } = decision;
    const outcomes = { outcomeBefore: row.outcome, outcome };
    const effect = effectOf(unit, manager.connection);
    const named = { before: row.mingusUserId, after: userId };
    const fact = new WebhookEventLinked(stripeEventId, customerId, named, { ...outcomes, ...effect });
    await this.emitter.emitAsync(fact.eventName, fact, unit);
    await this.writer.write(manager, [unit]);
    return {
      stripeEventId,
      userId,
      ...outcomes,
      errorCode: refusal?.code ?? null,
      customerId,
      ...effect,
      suppressedNotifications: decision.facts.flatMap(notifiedKindsOf),
    };
  }
}

/** Events about a customer that wait for a user. */
export function waitingWith(stripeCustomerId: string, livemode: boolean | null) {
  return { stripeCustomerId, livemode: livemode ?? IsNull(), outcome: In(WAITING_OUTCOMES) };
}

/** @throws DomainError event_not_linkable */
export function assertLinkable({ stripeEventId, outcome }: WebhookEvent): void {
  if (WAITING_OUTCOMES.includes(outcome)) return;
  throw new DomainError('event_not_linkable', `Event ${stripeEventId} waits for no user: it is ${outcome}`);
}

/** @throws DomainError user_not_found, customer_exists */
function assertUserCanHave({ subject }: InterpretedEvent, known: KnownState, userId: string): void {
  if (!subject) return;
  if (!known.users.has(userId)) throw new DomainError('user_not_found', `No user ${userId}`);
  const existing = known.customers.get(customerKey(subject));
  if (!existing || existing.userId === userId) return;
  const { stripeCustomerId } = subject;
  throw new DomainError(
    'customer_exists',
    `Customer ${stripeCustomerId} is set up already, for ${existing.userId ?? 'nobody'}: link the customer instead`,
  );
}
