import { Injectable } from '@nestjs/common';
import { AnalyticsRecorded } from '../../events/behaviour/analytics-recorded.event.js';
import { BehaviourRecorded } from '../../events/behaviour/behaviour-recorded.event.js';
import { LeadMilestoneReached } from '../../events/lifecycle/lead-milestone-reached.event.js';
import { MilestoneReached } from '../../events/lifecycle/milestone-reached.event.js';
import { NotificationSent } from '../../events/notification-sent.event.js';
import { PortalAccessed } from '../../events/portal/portal-accessed.event.js';
import { Clock } from '../../platform/clock.js';
import { Facts } from '../../platform/facts/facts.service.js';
import { OnFact } from '../../platform/facts/on-fact.decorator.js';
import { uuidv7 } from '../../platform/database/uuid.js';
import type { UnitOfWork } from '../../platform/unit-of-work/unit-of-work.js';
import { BehaviourSettings } from '../behaviour.settings.js';
import { factKeyOf } from '../stream/message-key.js';
import {
  ADD_PEOPLE,
  HOLD_PEOPLE,
  LOCK_CUSTOMERS,
  LOCK_PEOPLE,
  MAKE_MONTHS,
  MOVE_BACK,
  RECORD,
} from './first-party-facts.queries.js';

const DAY_MS = 86_400_000;

/** A fact of this service about a user. */
interface FirstPartyFact {
  /** Whose fact it is; null for a user without a customer. */
  customerId: string | null;
  userId: string;
  name: string;
  /** Of its cause: the same fact is stored once. */
  messageKey: string;
  properties: Readonly<Record<string, unknown>>;
  occurredAt: string;
}

/**
 * Adds facts of this service to the stream: creations, payments, movements of revenue and stages in the jobs of analytics,
 * all others in the transactions in which they happen. A customer without a user has none, and an erased customer gets none.
 */
@Injectable()
export class FirstPartyFactsListener {
  constructor(
    private readonly facts: Facts,
    private readonly settings: BehaviourSettings,
    private readonly clock: Clock,
  ) {}

  @OnFact(AnalyticsRecorded)
  recordTracked({ recorded }: AnalyticsRecorded, unit: UnitOfWork): void {
    const facts = recorded.map(({ userId, name, customerId, stripeEventId, properties, occurredAt }) => ({
      customerId,
      userId,
      name,
      messageKey: factKeyOf(name, customerId, stripeEventId),
      properties,
      occurredAt,
    }));
    this.record(facts, unit);
  }

  /** The first message welcomes; copies and other channels add nothing. */
  @OnFact(NotificationSent)
  recordWelcomed({ userId, message, customerId, sentAt }: NotificationSent, unit: UnitOfWork): void {
    if (userId === null || message.kind !== 'welcome') return;
    const { channel } = message;
    const messageKey = factKeyOf('welcomed', customerId);
    const occurredAt = sentAt.toISOString();
    const properties = { channel };
    this.record([{ customerId, userId, name: 'welcomed', messageKey, properties, occurredAt }], unit);
  }

  /** Each visit counts. */
  @OnFact(PortalAccessed)
  recordVisit({ customerId, userId, via, isFirst }: PortalAccessed, unit: UnitOfWork): void {
    if (userId === null) return;
    const name = 'portal_accessed';
    const messageKey = factKeyOf(name, uuidv7());
    const occurredAt = this.clock.now().toISOString();
    const properties = { via, isFirst };
    this.record([{ customerId, userId, name, messageKey, properties, occurredAt }], unit);
  }

  /** The customers of a user reach it together, and the stream has it once. */
  @OnFact(MilestoneReached)
  recordMilestone(fact: MilestoneReached, unit: UnitOfWork): void {
    this.recordReported(fact, fact.customerId, unit);
  }

  @OnFact(LeadMilestoneReached)
  recordMilestoneOfLead(fact: LeadMilestoneReached, unit: UnitOfWork): void {
    this.recordReported(fact, null, unit);
  }

  private recordReported(
    { userId, milestone, reachedAt }: MilestoneReached | LeadMilestoneReached,
    customerId: string | null,
    unit: UnitOfWork,
  ): void {
    const name = `milestone_${milestone}`;
    const occurredAt = reachedAt.toISOString();
    const messageKey = factKeyOf(name, userId);
    const fact = { customerId, userId, name, messageKey, properties: {}, occurredAt };
    if (this.record([fact], unit)) unit.execute(MOVE_BACK, fact);
  }

  /** @returns false if the facts are older than events are kept */
  private record(facts: readonly FirstPartyFact[], unit: UnitOfWork): boolean {
    const keptFrom = new Date(this.clock.now().getTime() - this.settings.retentionDays * DAY_MS);
    const kept = facts.filter(({ occurredAt }) => occurredAt >= keptFrom.toISOString());
    if (kept.length === 0) return false;
    for (const fact of kept)
      for (const text of [MAKE_MONTHS, LOCK_CUSTOMERS, HOLD_PEOPLE, ADD_PEOPLE, LOCK_PEOPLE, RECORD])
        unit.execute(text, fact);
    this.facts.emit(new BehaviourRecorded(recordedOf(kept)), unit);
    return true;
  }
}

function recordedOf(facts: readonly FirstPartyFact[]): BehaviourRecorded['people'] {
  const userIds = [...new Set(facts.map(({ userId }) => userId))];
  return userIds.map((userId) => {
    const own = facts.filter((fact) => fact.userId === userId).toSorted(byTime);
    return { userId, lastAt: new Map(own.map(({ name, occurredAt }) => [name, occurredAt])) };
  });
}

/** Times in ISO 8601 sort as texts. */
const byTime = (one: FirstPartyFact, other: FirstPartyFact) => (one.occurredAt < other.occurredAt ? -1 : 1);
