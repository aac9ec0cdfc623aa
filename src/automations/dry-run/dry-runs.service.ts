import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Analysis } from '../../platform/analysis/analysis.service.js';
import { Clock } from '../../platform/clock.js';
import { DomainError } from '../../platform/http/domain-error.js';
import { CustomerRules } from '../../segments/memberships/customer-rules.service.js';
import type { Definition } from '../definitions/definition.js';
import { findEligible, findPassing } from '../starting/start-runs.js';
import { ActionPreviews } from './action-previews.service.js';
import type { DryRunDayDto, DryRunResultDto } from './dry-run.dto.js';
import { findOutboxStart, findPastStarts, isFromOutbox, type PastStart } from './past-starts.queries.js';

const DAY_MS = 86_400_000;
const SHOWN_MAX = 100;
const EXAMPLES_MAX = 10;
const ANSWER_MAX_MS = 10_000;

/** Finds in the history what an automation would have started. Nothing is sent or stored. */
@Injectable()
export class DryRuns {
  constructor(
    private readonly analysis: Analysis,
    private readonly rules: CustomerRules,
    private readonly previews: ActionPreviews,
    private readonly clock: Clock,
  ) {}

  /** @throws DomainError questions_busy, question_too_large */
  async run(definition: Definition, days: number): Promise<DryRunResultDto> {
    const checkTime = deadline();
    const to = this.clock.now();
    const from = new Date(to.getTime() - days * DAY_MS);
    const { starts, stripeIds, limits } = await this.analysis.answer(async (manager) => {
      const found = await this.findStarts(manager, definition, { from, to }, checkTime);
      const shown = [...new Set(found.map(({ customerId }) => customerId))].slice(0, SHOWN_MAX);
      const ids = await manager.query<{ id: string; stripeId: string }[]>(STRIPE_IDS, [shown]);
      return {
        starts: found,
        stripeIds: new Map(ids.map(({ id, stripeId }) => [id, stripeId])),
        limits: await limitsOf(manager, definition, from),
      };
    });
    const first = [...stripeIds].map(([id, stripeCustomerId]) => {
      const at = starts.find(({ customerId }) => customerId === id)?.at ?? from;
      return { customerId: id, stripeCustomerId, at };
    });
    const ordered = first.toSorted((one, other) => +one.at - +other.at);
    return {
      from,
      to,
      starts: starts.length,
      customers: new Set(starts.map(({ customerId }) => customerId)).size,
      days: daysOf(starts),
      first: ordered.map(({ stripeCustomerId, at }) => ({ stripeCustomerId, at })),
      examples: await this.previews.show(definition, ordered.slice(0, EXAMPLES_MAX), to),
      limits,
    };
  }

  private async findStarts(
    manager: EntityManager,
    definition: Definition,
    period: { from: Date; to: Date },
    checkTime: () => void,
  ): Promise<PastStart[]> {
    const past = await findPastStarts(manager, definition.when, period);
    const customerIds = [...new Set(past.map(({ customerId }) => customerId))];
    checkTime();
    const eligible = await findEligible(manager, definition, customerIds);
    checkTime();
    const passing = await findPassing(manager, this.rules, definition, eligible, period.to);
    checkTime();
    const seen = new Set<string>();
    return past.filter(({ customerId }) => {
      if (!passing.has(customerId) || (definition.once && seen.has(customerId))) return false;
      return seen.add(customerId);
    });
  }
}

/** @returns a function that throws question_too_large once the time is over. Single statements end by themselves. */
function deadline(): () => void {
  const end = performance.now() + ANSWER_MAX_MS;
  return () => {
    if (performance.now() < end) return;
    throw new DomainError(
      'question_too_large',
      `The dry run took longer than ${ANSWER_MAX_MS / 1000} s: choose a shorter period or a rarer trigger`,
    );
  };
}

function daysOf(starts: readonly PastStart[]): DryRunDayDto[] {
  const counts = new Map<string, number>();
  for (const { at } of starts) {
    const day = at.toISOString().slice(0, 10);
    counts.set(day, (counts.get(day) ?? 0) + 1);
  }
  return [...counts].map(([day, count]) => ({ day, starts: count }));
}

/** What the answer leaves out, in sentences for people. */
async function limitsOf(
  manager: EntityManager,
  { when, ...definition }: Definition,
  from: Date,
): Promise<string[]> {
  const limits: string[] = [];
  if (when.type === 'manual')
    limits.push('Only operators start this automation, so the history has no starts.');
  if (definition.if) limits.push('The rule `if` was evaluated for the customers as they are now.');
  if (definition.stopIf) limits.push('The rule `stopIf` was not evaluated: the examples show all actions.');
  if (when.type === 'prediction')
    limits.push(
      'Scores are noted once a week, and for a part of the customers: crossings in between are missing.',
    );
  if (when.type === 'milestone_overdue' && when.sinceStage)
    limits.push(`Customers who have left the stage ${when.sinceStage} since then are missing.`);
  if (isFromOutbox(when)) {
    const since = await findOutboxStart(manager);
    if (since === null || since > from)
      limits.push(
        `The outbox has facts of this type since ${since?.toISOString() ?? 'never'}: earlier ones are missing.`,
      );
  }
  return limits;
}

const STRIPE_IDS = 'select id, stripe_customer_id as "stripeId" from customers where id = any($1)';
