import { Injectable } from '@nestjs/common';
import type { UnitOfWork } from '../../platform/unit-of-work/unit-of-work.js';
import { type ActiveVersion, affectedBy, type Definitions, isBehaviour } from '../definitions/definitions.js';
import { SegmentDefinitions } from '../definitions/segment-definitions.service.js';
import type { RuleInput } from '../rules/inputs-of.js';
import { compileRules } from '../rules/sql/compile-rule.js';
import { type ChangedCustomer, evaluationOf } from './evaluation.queries.js';
import { LOCK_MEMBERSHIPS } from './lock-memberships.queries.js';

/** Adds the evaluation of segments to a transaction, which then commits inputs and memberships together. */
@Injectable()
export class Memberships {
  /** The statements of the present definitions, by the evaluated versions. */
  private statements: { of: Definitions; texts: Map<string, string> } | null = null;

  constructor(private readonly definitions: SegmentDefinitions) {}

  /**
   * Evaluates the segments that depend on what has changed about a customer. The evaluation sees all that the
   * transaction writes.
   */
  evaluate(customer: ChangedCustomer, isChanged: (input: RuleInput) => boolean, unit: UnitOfWork): void {
    const versions = affectedBy(this.definitions.current.versions, isChanged);
    if (versions.length > 0) this.decide(versions, customer, unit);
  }

  /**
   * Evaluates the segments that depend on behaviour, if one of them is about an event of these names.
   * @param lastAt when the last event of each name happened (ISO 8601)
   */
  evaluateBehaviour(customer: ChangedCustomer, lastAt: ReadonlyMap<string, string>, unit: UnitOfWork): void {
    const { eventNames } = this.definitions.current;
    const times = [...lastAt].flatMap(([name, at]) => (eventNames.has(name) ? [at] : []));
    if (times.length === 0) return;
    this.evaluate({ ...customer, effectiveAt: times.toSorted().at(-1) }, isBehaviour, unit);
  }

  /** Evaluates all segments, also for a customer that loses its last memberships. */
  evaluateAll(customer: ChangedCustomer, unit: UnitOfWork): void {
    const { revision, versions } = this.definitions.current;
    if (revision > 0) this.decide(versions, customer, unit);
  }

  /**
   * Evaluates one version for a customer, while the version is filled.
   * @throws if the version is not known or broken
   */
  fill(versionId: number, customer: ChangedCustomer, unit: UnitOfWork): void {
    const version = this.definitions.current.versions.find(({ id }) => id === versionId);
    if (!version) throw new Error(`Version ${versionId} of a segment cannot be evaluated`);
    this.decide([version], customer, unit, { isProjected: true });
  }

  private decide(
    versions: readonly ActiveVersion[],
    customer: ChangedCustomer,
    unit: UnitOfWork,
    { isProjected } = { isProjected: false },
  ): void {
    for (const text of LOCK_MEMBERSHIPS) unit.executeLast(text, customer);
    unit.executeLast(this.statementOf(versions, isProjected), customer);
  }

  private statementOf(versions: readonly ActiveVersion[], isProjected: boolean): string {
    const definitions = this.definitions.current;
    if (this.statements?.of !== definitions) this.statements = { of: definitions, texts: new Map() };
    const evaluated = versions.map(({ id }) => id);
    const key = `${evaluated.join()} ${isProjected}`;
    const known = this.statements.texts.get(key);
    if (known !== undefined) return known;
    const active = [...definitions.versions, ...definitions.broken].map(({ id }) => id);
    const kept = active.filter((id) => !evaluated.includes(id));
    const compiled = compileRules(versions, 'some', definitions.servingIds);
    const text = evaluationOf(compiled, { evaluated, kept, revision: definitions.revision, isProjected });
    this.statements.texts.set(key, text);
    return text;
  }
}
