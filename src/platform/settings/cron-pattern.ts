import { parseCronRangeString } from 'graphile-worker/dist/cronMatcher.js';
import { text } from './rule.js';

/** Five fields such as `41 3 * * *`, or `off`. */
export const cronPattern = text(
  'must be a cron pattern of five fields (UTC) such as "41 3 * * *", or off',
  (given) => given === 'off' || isPattern(given),
);

/** The job engine's own parser decides, because the engine runs the jobs. Its file loads in a tenth of the engine's time. */
function isPattern(given: string): boolean {
  try {
    parseCronRangeString(given, 'cron pattern');
    return true;
  } catch {
    return false;
  }
}
