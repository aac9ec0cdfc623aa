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
    const { starts, customers, shown, limits } = await this.analysis.answer(async (manager) => {
      const found = await this.findStarts(manager, definition, { from, to }, checkTime);
      const firsts = firstOfEach(found);
      return {
        starts: found,
        customers: firsts.length,
        shown: await withStripeIds(manager, firsts.slice(0, SHOWN_MAX)),
        limits: await limitsOf(manager, definition, from),
      };
    });
    return {
      from,
      to,
      starts: starts.length,
      customers,
      days: daysOf(starts),
      first: shown.map(({ stripeCustomerId, at }) => ({ stripeCustomerId, at })),
      examples: await this.previews.show(definition, shown.slice(0, EXAMPLES_MAX), to),
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
    const starts = past.filter(({ customerId }) => passing.has(customerId));
    return definition.once ? firstOfEach(starts) : starts;
  }
}

/** The first start of each customer. */
function firstOfEach(starts: readonly PastStart[]): PastStart[] {
  const seen = new Set<string>();
  return starts.filter(({ customerId }) => !seen.has(customerId) && seen.add(customerId));
}

/** In the same order. */
function withStripeIds(
  manager: EntityManager,
  starts: readonly PastStart[],
): Promise<(PastStart & { stripeCustomerId: string })[]> {
  return manager.query(WITH_STRIPE_IDS, [
    starts.map(({ customerId }) => customerId),
    starts.map(({ at }) => at),
  ]);
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

const WITH_STRIPE_IDS = `
  select id as "customerId", stripe_customer_id as "stripeCustomerId", at
  from unnest($1::uuid[], $2::timestamptz[]) with ordinality as starts (id, at, place) join customers using (id)
  order by place`;
