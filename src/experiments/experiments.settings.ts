import { wholeNumber } from '../platform/settings/rule.js';
import { settings } from '../platform/settings/settings.js';

export class ExperimentsSettings extends settings('Experiments', {
  unitDays: {
    name: 'EXPERIMENT_UNIT_DAYS',
    rule: wholeNumber(30, 36_500),
    default: '730',
    meaning:
      'For how many days after the decision about an experiment the arms of its users are kept. The arms of a user are removed together, after the last of their experiments, and not before all windows have closed and were counted.',
  },
}) {}
