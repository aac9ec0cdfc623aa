import type { LifecycleStage } from '../../events/lifecycle/lifecycle-names.js';
import type { PredictionTarget } from '../../events/prediction-targets.js';

/** Which customers belong to a segment: a tree of conditions. A condition about a missing value is false. */
export type Rule = AllOf | AnyOf | Not | Condition;

export interface AllOf {
  all: Rule[];
}

export interface AnyOf {
  any: Rule[];
}

/** The complement. It is true where a value is missing. */
export interface Not {
  not: Rule;
}

export type Condition =
  | FieldCondition
  | MetadataCondition
  | StageCondition
  | InStageForCondition
  | MilestoneCondition
  | BehaviourCondition
  | LastEventCondition
  | MrrCondition
  | SegmentCondition
  | ArmCondition
  | PredictionCondition
  | BucketCondition;

export const FIELD_KINDS = {
  email: 'text',
  email_domain: 'text',
  name: 'text',
  phone: 'text',
  country: 'text',
  language: 'text',
  currency: 'text',
  account: 'text',
  livemode: 'boolean',
  delinquent: 'boolean',
  created_at: 'time',
} as const;

export type FieldName = keyof typeof FIELD_KINDS;

/** The fields that are times. */
export type TimeField = 'created_at';

/** Fields that are compared in lower case (ASCII letters only). */
export const FOLDED_FIELDS: ReadonlySet<string> = new Set([
  'email',
  'email_domain',
  'country',
  'language',
  'currency',
]);

/** A field of the Stripe customer. */
export type FieldCondition = { type: 'field' } & (
  ({ field: Exclude<FieldName, TimeField> } & ValueTest) | ({ field: TimeField } & TimeTest)
);

/** A value of the Stripe customer's metadata. */
export type MetadataCondition = { type: 'metadata'; key: string } & ValueTest;

/** Exactly one test of a value. Numbers are JSON numbers, and texts that are decimal numbers. */
export type ValueTest =
  | { equals: Scalar }
  | { in: Scalar[] }
  | { contains: string }
  | { present: true }
  | { greaterThan: number }
  | { lessThan: number };

export type Scalar = string | number | boolean;

/** Times are ISO 8601 in UTC. */
export type TimeTest = { before: string } | { after: string } | RecentTest;

/** After the time a window ago, or in the calendar period of the present (and later). */
export type RecentTest = { withinLast: Window } | { during: CalendarPeriod };

/** A duration. A day has 24 hours. */
export type Window = { days: number } | { hours: number } | { minutes: number };

/** Weeks begin on Monday. The zone is an IANA name. */
export interface CalendarPeriod {
  period: PeriodName;
  zone: string;
}

export const PERIODS = ['today', 'this_week', 'this_month'] as const;

export type PeriodName = (typeof PERIODS)[number];

export interface StageCondition {
  type: 'stage';
  in: LifecycleStage[];
}

/** In the present stage for at least this long. */
export interface InStageForCondition {
  type: 'in_stage_for';
  atLeast: Window;
}

/** Reached at any time, recently, or within the first time after the customer was created. */
export type MilestoneCondition = { type: 'milestone'; milestone: string } & (
  { reached: true } | RecentTest | { withinFirst: Window }
);

/** Events that count: those of a name whose properties pass all of the tests. */
export interface EventFilter {
  event: string;
  where?: PropertyTest[];
}

export type PropertyTest = { property: string } & ValueTest;

/** The count of events, ever or recently. */
export type BehaviourCondition = { type: 'behaviour' } & EventFilter & CountTest & (RecentTest | EverTest);

/** All events count, however old. */
export interface EverTest {
  withinLast?: never;
  during?: never;
}

export type CountTest = { atLeast: number } | { atMost: number };

/** The time since the last event. False while there is none. */
export type LastEventCondition = { type: 'last_event' } & EventFilter &
  ({ atLeast: Window } | { lessThan: Window });

/** Monthly recurring revenue in minor units of a currency. */
export type MrrCondition = { type: 'mrr'; currency: string } & (
  { equals: number } | { greaterThan: number } | { lessThan: number }
);

/** A member of another segment, by name. */
export interface SegmentCondition {
  type: 'segment';
  segment: string;
}

/** The user of the customer has one of these arms of an experiment, also after it has ended. */
export interface ArmCondition {
  type: 'arm';
  experiment: string;
  in: string[];
}

/** The score of a prediction, a probability. False without a score, and for customers kept out of interventions. */
export type PredictionCondition = { type: 'prediction'; target: PredictionTarget } & (
  { atLeast: number } | { atMost: number }
);

/** The hash bucket (0 to 1) of the customer or its user is in [from, to). */
export interface BucketCondition {
  type: 'bucket';
  unit: 'customer' | 'user';
  seed: string;
  from: number;
  to: number;
}

/** Ids of segments by name, as they appear in `memberOf`. */
export type SegmentIds = ReadonlyMap<string, number>;
