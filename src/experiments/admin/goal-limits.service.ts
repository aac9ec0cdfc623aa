import { Injectable } from '@nestjs/common';
import { BehaviourSettings } from '../../behaviour/behaviour.settings.js';
import { LifecycleSettings } from '../../lifecycle/lifecycle.settings.js';
import { COMPUTED_MILESTONES } from '../../lifecycle/milestones.js';
import type { Goal } from '../definitions/goal.js';

/** Events are kept for some days after a window has closed, so that they are counted also after a failure. */
const COUNTING_DAYS = 7;

/** What goals can be measured with the settings of this installation. */
@Injectable()
export class GoalLimits {
  private readonly milestones: ReadonlySet<string>;
  private readonly behaviourDays: number;

  constructor(lifecycle: LifecycleSettings, { retentionDays }: BehaviourSettings) {
    this.milestones = new Set([...COMPUTED_MILESTONES, ...lifecycle.milestones]);
    this.behaviourDays = retentionDays - COUNTING_DAYS;
  }

  /** @returns why a goal would never be reached, or not by all who reach it */
  problemsOf(goals: readonly Goal[]): string[] {
    return goals.flatMap((goal) => {
      if (goal.type === 'milestone' && !this.milestones.has(goal.milestone))
        return `goals: ${goal.name} is about the milestone ${goal.milestone}; there are ${[...this.milestones].join(', ')}`;
      if (goal.type === 'behaviour' && goal.withinDays > this.behaviourDays)
        return `goals: the window of ${goal.name} has ${goal.withinDays} days, more than ${this.behaviourDays}: BEHAVIOUR_RETENTION_DAYS removes events before they are counted`;
      return [];
    });
  }
}
