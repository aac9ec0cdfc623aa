import type { ServiceState } from '../../state/service-state.js';
import type { Measurement, SignalSums } from './measurement.js';

/** When an alert fires, and when it is over. `fire` and `resolve` have the unit of the alert's value. */
export interface AlertThreshold {
  /** Whether the alert is evaluated. */
  readonly enabled: boolean;
  /** The alert's condition begins at this value. */
  readonly fire: number;
  /** The condition ends below this value: at most `fire`, and lower if values fluctuate. */
  readonly resolve: number;
  /** How long the condition must hold before the alert fires. */
  readonly forSeconds: number;
  /** How long the condition must have ended before the alert is resolved. */
  readonly clearSeconds: number;
}

/** The data for the values of all alerts, read once for each evaluation. */
export interface AlertInputs {
  /** The counts of the last 5, 10 and 60 minutes. */
  readonly signals: Readonly<Record<5 | 10 | 60, SignalSums>>;
  readonly state: ServiceState;
  /** The findings of the watchdog by check, without unknown ones. */
  readonly watchdog: Readonly<Partial<Record<string, { state: string; detail: string }>>>;
  /** The fullest disk. */
  readonly disk: Measurement;
}

export type Severity = 'critical' | 'warning';

/** A rule for Prometheus; `npm run alert-rules` writes it to ops/prometheus/alerts.yml. */
export interface PrometheusRule {
  /** Follows `Onboarding`. */
  readonly name: string;
  /** PromQL. `$fire` stands for the threshold of the alert. */
  readonly expr: string;
  readonly forMinutes: number;
  /** One sentence, with templates of Prometheus. */
  readonly summary: string;
  /** The severity, if it differs from that of the alert. */
  readonly severity?: Severity;
}

/** The declaration of one alert. */
export interface AlertDeclaration {
  readonly severity: Severity;
  /** The problem, as a title for people. */
  readonly title: string;
  /** Section of docs/runbook.md. */
  readonly runbook: string;
  /** The defaults. `ALERT_RULES` changes single values. */
  readonly threshold: AlertThreshold;
  /** The present value. If it is undefined, it is unknown, and the alert keeps its state. */
  readonly measure: (inputs: AlertInputs) => Measurement | undefined;
  /** The Prometheus rule with the same meaning. */
  readonly prometheus?: PrometheusRule;
}

const usual = { enabled: true, forSeconds: 0, clearSeconds: 0 };

/** Makes a threshold. Delays are 0 by default. */
export function threshold(
  fire: number,
  resolve: number,
  delays: Partial<Pick<AlertThreshold, 'forSeconds' | 'clearSeconds'>> = {},
): AlertThreshold {
  return { ...usual, fire, resolve, ...delays };
}

/** The threshold of an alert whose value is 0 or 1, or a count that should be 0. */
export const ANY = threshold(1, 1);
