import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { SegmentDefinitions } from '../definitions/segment-definitions.service.js';
import type { Evaluation } from '../rules/evaluate-rule.js';
import { parseRule } from '../rules/parse-rule.js';
import type { Rule } from '../rules/rule.js';
import { compileRules } from '../rules/sql/compile-rule.js';

/** A stored rule names something that no longer exists, such as a segment. */
export class RuleBroken extends Error {
  constructor(problems: readonly string[]) {
    super(`The rule is broken: ${problems.join('; ')}`);
  }
}

interface DecidedCustomer extends Evaluation {
  customerId: string;
}

/** Decides about customers by rules that belong to no segment. */
@Injectable()
export class CustomerRules {
  constructor(private readonly definitions: SegmentDefinitions) {}

  /**
   * Evaluates a rule for some customers as they are now. Deleted customers pass no rule.
   * @returns by customer id; customers that do not exist are missing
   * @throws RuleBroken
   */
  async decide(
    manager: EntityManager,
    json: unknown,
    customerIds: readonly string[],
    now: Date,
  ): Promise<Map<string, Evaluation>> {
    const rule = await this.read(json);
    const { joins, columns } = compileRules([{ id: 0, rule }], 'some', this.definitions.current.servingIds);
    const [column] = columns;
    const rows = await manager.query<DecidedCustomer[]>(
      `with evaluation as (select date_trunc('milliseconds', $2::timestamptz) as now)
       select scope.customer_id as "customerId", ${column?.isTrue} and customers.deleted_at is null as "isTrue",
         ${column?.flipsAt} as "flipsAt"
       from unnest($1::uuid[]) as scope (customer_id) join customers on customers.id = scope.customer_id
       cross join evaluation
       ${joins}`,
      [customerIds, now],
    );
    return new Map(rows.map(({ customerId, isTrue, flipsAt }) => [customerId, { isTrue, flipsAt }]));
  }

  /** A segment may be newer than what this process knows. */
  private async read(json: unknown): Promise<Rule> {
    const known = parseRule(json, this.definitions.current.servingIds);
    if ('rule' in known) return known.rule;
    await this.definitions.refresh();
    const parsed = parseRule(json, this.definitions.current.servingIds);
    if ('problems' in parsed) throw new RuleBroken(parsed.problems.map(({ detail }) => detail));
    return parsed.rule;
  }
}
