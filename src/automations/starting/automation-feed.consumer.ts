import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { ConsumesOutbox, type OutboxConsumer } from '../../integrations/outbox/outbox-consumer.js';
import type { OutboxEntry } from '../../integrations/outbox/outbox-entry.entity.js';
import { Clock } from '../../platform/clock.js';
import { CustomerRules } from '../../segments/memberships/customer-rules.service.js';
import { Automation } from '../definitions/automation.entity.js';
import { findActive } from './active-automations.queries.js';
import { isStart } from './is-start.js';
import { startRuns } from './start-runs.js';

/** Under which the position in the outbox is stored. */
export const AUTOMATION_FEED = 'automations';

/** Starts runs by facts, in the transaction that moves the position, so that no fact starts two or none. */
@Injectable()
@ConsumesOutbox(AUTOMATION_FEED)
export class AutomationFeed implements OutboxConsumer {
  constructor(
    private readonly rules: CustomerRules,
    private readonly clock: Clock,
  ) {}

  isWanted(manager: EntityManager): Promise<boolean> {
    return manager.existsBy(Automation, { enabled: true });
  }

  async consume(entries: readonly OutboxEntry[], manager: EntityManager): Promise<void> {
    const now = this.clock.now();
    for (const automation of await findActive(manager)) {
      const { definition, enabledAt } = automation;
      const starts = entries
        .filter((entry) => enabledAt <= entry.recordedAt && isStart(definition.when, entry))
        .map(({ customerId, id: occurrence }) => ({ customerId, occurrence }));
      if (starts.length > 0) await startRuns(manager, this.rules, automation, starts, now);
    }
    await manager.query(WAKE, [entries.map(({ customerId }) => customerId), now]);
  }
}

/** A fact may make a rule true that a run waits for. Runs are locked in one order. */
const WAKE = `
  update automation_runs set due_at = $2 where id in (
    select id from automation_runs
    where customer_id = any($1) and waits_until is not null and due_at > $2
    order by id for update)`;
