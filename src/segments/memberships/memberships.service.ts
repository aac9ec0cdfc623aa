import { Injectable } from '@nestjs/common';
import type { UnitOfWork } from '../../platform/unit-of-work/unit-of-work.js';
import { type ActiveVersion, affectedBy, type Definitions, isBehaviour } from '../definitions/definitions.js';
import { SegmentDefinitions } from '../definitions/segment-definitions.service.js';
import type { RuleInput } from '../rules/inputs-of.js';
import { compileRules } from '../rules/sql/compile-rule.js';
import { type ChangedCustomer, evaluationOf } from './evaluation.queries.js';
import { LOCK_MEMBERSHIPS } from './lock-memberships.queries.js';

/** A kind of change, with the inputs of rules that it concerns. */
export interface InputChange {
  name: string;
  concerns: (input: RuleInput) => boolean;
  /** Whether it happens once, so that its plan is not worth keeping. */
  isSingle?: boolean;
}

/** What follows from definitions. */
interface Prepared {
  definitions: Definitions;
  /** By the kind of change: the statement that decides the affected versions; null if none is affected. */
  statements: Map<string, string | null>;
}

const ALL = 'all';

/** MINGUS reported what people did. */
export const BEHAVIOUR: InputChange = { name: 'behaviour', concerns: isBehaviour };

/** Adds the evaluation of segments to a transaction, which then commits inputs and memberships together. */
@Injectable()
export class Memberships {
  /** What follows from the present definitions, made when it is first needed. */
  private prepared: Prepared | null = null;

  constructor(private readonly definitions: SegmentDefinitions) {}

  /**
   * Evaluates the segments that depend on what has changed about a customer. The evaluation sees all that the
   * transaction writes.
   */
  evaluate(customer: ChangedCustomer, change: InputChange, unit: UnitOfWork): void {
    const { definitions, statements } = this.present();
    let text = statements.get(change.name);
    if (text === undefined) {
      const versions = affectedBy(definitions.versions, change.concerns);
      text = versions.length > 0 ? statementOf(definitions, versions, { isProjected: false }) : null;
      statements.set(change.name, text);
    }
    if (text !== null) execute(text, customer, unit, change.isSingle ? undefined : `segments ${change.name}`);
  }

  /**
   * Evaluates the segments that depend on behaviour, if one of them is about an event of these names.
   * @param lastAt when the last event of each name happened (ISO 8601)
   */
  evaluateBehaviour(customer: ChangedCustomer, lastAt: ReadonlyMap<string, string>, unit: UnitOfWork): void {
    const { eventNames } = this.definitions.current;
    const times = [...lastAt].flatMap(([name, at]) => (eventNames.has(name) ? [at] : []));
    if (times.length === 0) return;
    this.evaluate({ ...customer, effectiveAt: times.toSorted().at(-1) }, BEHAVIOUR, unit);
  }

  /** Evaluates all segments, also for a customer that loses its last memberships. */
  evaluateAll(customer: ChangedCustomer, unit: UnitOfWork): void {
    const { definitions, statements } = this.present();
    if (definitions.revision === 0) return;
    const text =
      statements.get(ALL) ?? statementOf(definitions, definitions.versions, { isProjected: false });
    statements.set(ALL, text);
    execute(text, customer, unit, `segments ${ALL}`);
  }

  /**
   * Evaluates one version for a page of customers, while the version is filled.
   * @throws if the version is not known or broken
   */
  fill(versionId: number, customers: readonly ChangedCustomer[], unit: UnitOfWork): void {
    const definitions = this.definitions.current;
    const version = definitions.versions.find(({ id }) => id === versionId);
    if (!version) throw new Error(`Version ${versionId} of a segment cannot be evaluated`);
    const text = statementOf(definitions, [version], { isProjected: true });
    for (const customer of customers) execute(text, customer, unit);
  }

  private present(): Prepared {
    const definitions = this.definitions.current;
    if (this.prepared?.definitions !== definitions) this.prepared = { definitions, statements: new Map() };
    return this.prepared;
  }
}

function statementOf(
  { versions, broken, servingIds, revision }: Definitions,
  decided: readonly ActiveVersion[],
  { isProjected }: { isProjected: boolean },
): string {
  const evaluated = decided.map(({ id }) => id);
  const kept = [...versions, ...broken].map(({ id }) => id).filter((id) => !evaluated.includes(id));
  const compiled = compileRules(decided, 'some', servingIds);
  const isPart = decided.length < versions.length;
  const scope = { evaluated, kept, isKeptTimed: isPart, revision: isPart ? null : revision, isProjected };
  return evaluationOf(compiled, scope);
}

function execute(text: string, customer: ChangedCustomer, unit: UnitOfWork, name?: string): void {
  for (const [index, lock] of LOCK_MEMBERSHIPS.entries())
    unit.executeLast(lock, customer, `segments lock ${index}`);
  unit.executeLast(text, customer, name);
}
