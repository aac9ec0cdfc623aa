import { keepRows } from '../platform/jobs/job.settings.js';
import { flag } from '../platform/settings/rule.js';
import { settings } from '../platform/settings/settings.js';

keepRows({ prediction_outcomes: 400 });

export class PredictionsSettings extends settings('Predictions', {
  enabled: {
    name: 'PREDICTIONS_ENABLED',
    rule: flag,
    default: 'true',
    meaning:
      'Whether models are trained each night and customers are scored each hour. Models stay without it, and operators can train.',
  },
}) {}
