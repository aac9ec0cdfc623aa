/** What an arm is to improve. A unit counts once its window has closed. */
export type Goal = MilestoneGoal | BehaviourGoal | MrrGoal;

interface AnyGoal {
  /** Unique in its experiment. */
  name: string;
  withinDays: number;
}

/** The share of units that reach the milestone in their window. */
export interface MilestoneGoal extends AnyGoal {
  type: 'milestone';
  milestone: string;
}

/** The share of units that do this at least once in their window. */
export interface BehaviourGoal extends AnyGoal {
  type: 'behaviour';
  event: string;
}

/** The mean of the monthly recurring revenue at the end of the window, in minor units. */
export interface MrrGoal extends AnyGoal {
  type: 'mrr';
  currency: string;
}

export const GOAL_TYPES = ['milestone', 'behaviour', 'mrr'] as const;

export const GUARDRAIL_TYPES = ['unsubscribes', 'complaints', 'churn'] as const;

/** What an arm must not make worse: the share of units that do this in their window. */
export interface Guardrail {
  type: (typeof GUARDRAIL_TYPES)[number];
  withinDays: number;
  /** By how much the share may be higher than that of the control, as a fraction of it. */
  margin: number;
}
