import type { PredictionTarget } from '../../events/prediction-targets.js';
import { ACTIVATES } from './activates.target.js';
import { CHURNS } from './churns.target.js';
import { PAYS } from './pays.target.js';
import type { TargetDefinition } from './target-definition.js';

export const TARGETS: Readonly<Record<PredictionTarget, TargetDefinition>> = {
  activates: ACTIVATES,
  pays: PAYS,
  churns: CHURNS,
};
