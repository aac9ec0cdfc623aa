import type { PredictionTarget } from '../../../events/prediction-targets.js';

/** The name under which the score of a target is joined. */
export const predictionAlias = (target: PredictionTarget): string => `predicted_${target}`;

/** The join of a score. Customers kept out of interventions have none here. */
export function predictionJoin(target: PredictionTarget): string {
  const alias = predictionAlias(target);
  return `left join customer_predictions ${alias} on ${alias}.customer_id = customers.id
    and ${alias}.target = '${target}' and not ${alias}.is_held_out`;
}
