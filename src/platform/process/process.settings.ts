import { matching, oneOf, readAs } from '../settings/rule.js';
import { settings } from '../settings/settings.js';

const roles = matching(/^(api|worker|api,worker|worker,api)$/, 'must be api, worker or api,worker');

/** The roles and the version of a process. */
export class ProcessSettings extends settings('Process', {
  environment: {
    name: 'NODE_ENV',
    rule: oneOf('development', 'production', 'test'),
    default: 'development',
    meaning:
      'With `production` the service starts only when all variables that production requires are set. Otherwise it brings along what is missing.',
  },
  roles: {
    name: 'PROCESS_ROLES',
    rule: readAs(roles, (names) => ({ api: names.includes('api'), worker: names.includes('worker') })),
    default: 'api,worker',
    meaning:
      'The work that this process does: it takes requests (`api`), runs background jobs (`worker`), or both. Health and metrics are served in any case.',
  },
  commit: {
    name: 'BUILD_COMMIT',
    rule: matching(/^[0-9a-f]{7,40}$/, 'must be a commit id'),
    otherwise: '`unknown`',
    meaning: 'The commit that the process was built from. The metric `mingus_build_info` shows it.',
  },
}) {
  get buildCommit(): string {
    return this.commit ?? 'unknown';
  }
  get isProduction(): boolean {
    return this.environment === 'production';
  }
}
