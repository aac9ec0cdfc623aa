import { keepRows } from '../platform/jobs/job.settings.js';
import { wholeNumber } from '../platform/settings/rule.js';
import { settings } from '../platform/settings/settings.js';

// Runs stay, because they are the keys that prevent a second start. What happened in them is removed.
keepRows({ automation_steps: 400 });

export class AutomationsSettings extends settings('Automations', {
  lanes: {
    name: 'AUTOMATION_LANES',
    rule: wholeNumber(1, 32),
    default: '4',
    meaning: 'How many runs of automations each worker advances at a time.',
  },
}) {}
