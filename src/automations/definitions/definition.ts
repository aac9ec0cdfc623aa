import type { FactTypeName } from '../../events/integrations/fact-types.js';
import type { LifecycleStage } from '../../events/lifecycle/lifecycle-names.js';
import type { OnboardingKind } from '../../events/onboarding-kinds.js';
import type { PredictionTarget } from '../../events/prediction-targets.js';
import type { ACTION_FIELDS } from '../../integrations/connectors/connector.js';
import type { Rule, Window } from '../../segments/rules/rule.js';

/** What an automation does: when it starts, for which customers, and its steps. */
export interface Definition {
  when: When;
  /** A rule of segments about the customer at the moment of the start. Without one, all customers pass. */
  if?: Rule;
  /** A run stops before the first step at which this rule is true. */
  stopIf?: Rule;
  steps: Step[];
  /** Whether a customer passes through only once, however often it starts. */
  once: boolean;
  /** Whether customers start runs that an import brought without notifying them. */
  includeImported: boolean;
}

export type Scalar = string | number | boolean;

/** What starts a run. */
export type When =
  | FactTrigger
  | StageTrigger
  | SegmentTrigger
  | MilestoneOverdueTrigger
  | PredictionTrigger
  | { type: 'manual' };

/** A fact of the outbox whose data equal all of `data`. */
export interface FactTrigger {
  type: 'fact';
  fact: FactTypeName;
  data?: Record<string, Scalar | null>;
}

/** The customer enters one of the stages from another one. */
export interface StageTrigger {
  type: 'stage';
  in: LifecycleStage[];
}

/** The customer enters or leaves a segment, except because its rule was edited. */
export interface SegmentTrigger {
  type: 'segment';
  segment: string;
  change: 'entered' | 'left';
}

/** A milestone is not reached within some days after the creation, or after the customer entered a stage in which it still is. */
export interface MilestoneOverdueTrigger {
  type: 'milestone_overdue';
  milestone: string;
  days: number;
  /** Missing: since the creation. */
  sinceStage?: LifecycleStage;
}

/** A score passes a value. A first score beyond the value counts. */
export interface PredictionTrigger {
  type: 'prediction';
  target: PredictionTarget;
  crosses: 'above' | 'below';
  value: number;
}

export type Step = WaitStep | ConnectorStep | MessageStep | AttributeStep;

export interface WaitStep {
  wait: Window | WaitUntil;
}

/** Waits until a rule is true, at most for the time-out. */
export interface WaitUntil {
  until: Rule;
  timeout: Window;
  onTimeout: 'continue' | 'stop';
}

/** `upsertPerson` brings the customer up to date by the mapping of the connector, and has no fields. */
export type ActionKind = keyof typeof ACTION_FIELDS | 'upsertPerson';

/** An action of a connector. */
export interface ConnectorStep {
  /** The name of the connector. */
  connector: string;
  kind: ActionKind;
  /** Texts may hold placeholders, such as `{{customer.name}}`. */
  fields?: ActionFields;
}

/** `dueAt` is a time after the step; all others are texts. */
export type ActionFields = Record<string, string | Window>;

/** A message to the customer, by the rules of all messages. */
export interface MessageStep {
  message: OnboardingKind;
  channel: 'email' | 'in_app';
}

/** A value that is kept about the customer. Null removes it. */
export interface AttributeStep {
  attribute: string;
  value: Scalar | null;
}

/** The word for a step in the history of a run. */
export type StepKind = 'wait' | 'connector' | 'message' | 'attribute';

export function kindOf(step: Step): StepKind {
  if ('wait' in step) return 'wait';
  if ('connector' in step) return 'connector';
  return 'message' in step ? 'message' : 'attribute';
}

/** All rules of a definition with their places. */
export function rulesOf({ if: condition, stopIf, steps }: Definition): [place: string, rule: Rule][] {
  const rules: [string, Rule | undefined][] = [
    ['if', condition],
    ['stopIf', stopIf],
    ...steps.map((step, index): [string, Rule | undefined] => [
      `steps[${index}].wait.until`,
      'wait' in step && 'until' in step.wait ? step.wait.until : undefined,
    ]),
  ];
  return rules.flatMap(([place, rule]) => (rule ? [[place, rule] as [string, Rule]] : []));
}
