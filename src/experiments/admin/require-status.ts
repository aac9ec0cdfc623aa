import { DomainError, type DomainErrorCode } from '../../platform/http/domain-error.js';
import type { Experiment, ExperimentStatus } from '../definitions/experiment.entity.js';

/** Why an act is refused that needs the status. */
const REFUSALS: Record<Exclude<ExperimentStatus, 'decided'>, { code: DomainErrorCode; because: string }> = {
  draft: { code: 'experiment_started', because: 'it has started, and its units have arms' },
  running: { code: 'experiment_not_running', because: 'it does not run' },
  stopped: { code: 'experiment_not_stopped', because: 'only a stopped experiment can be decided' },
};

/** @throws DomainError experiment_started, experiment_not_running, experiment_not_stopped */
export function requireStatus({ name, status }: Experiment, required: keyof typeof REFUSALS): void {
  if (status === required) return;
  const { code, because } = REFUSALS[required];
  throw new DomainError(code, `${name} is ${status}: ${because}`);
}
