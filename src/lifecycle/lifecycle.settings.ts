import { keepRows } from '../platform/jobs/job.settings.js';
import { readAs, text } from '../platform/settings/rule.js';
import { settings } from '../platform/settings/settings.js';
import { COMPUTED_MILESTONES } from './milestones.js';

const milestoneNames = text(
  'must be a comma-separated list of up to 50 names of lower-case letters, digits and underscores, none of them twice or computed by the service',
  (given) => {
    const names = given.split(',');
    const isName = (name: string) => /^[a-z][a-z0-9_]{0,39}$/.test(name) && !isComputed(name);
    return names.length <= 50 && new Set(names).size === names.length && names.every(isName);
  },
);

// Customers have a copy of the milestones of their user.
keepRows({ user_milestones: 730 });

function isComputed(name: string): boolean {
  return (COMPUTED_MILESTONES as readonly string[]).includes(name);
}

export class LifecycleSettings extends settings('Lifecycle', {
  milestones: {
    name: 'MILESTONES',
    rule: readAs(milestoneNames, (given) => given.split(',')),
    default: 'first_login,activated',
    meaning: 'The milestones that MINGUS reports by `POST /users/{userId}/milestones`.',
  },
}) {}
