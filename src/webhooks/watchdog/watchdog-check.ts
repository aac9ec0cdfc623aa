/** The result of a check. `unknown`: the check could not run. */
export const WATCHDOG_STATES = ['ok', 'warning', 'unknown'] as const;

export interface Finding {
  state: (typeof WATCHDOG_STATES)[number];
  /** For the operator; without personal data. */
  detail: string;
}

/** Checks one aspect of the delivery of events. */
export interface WatchdogCheck {
  readonly name: string;
  /** @throws the error of Stripe */
  look(): Promise<Finding>;
}

export const NO_KEY: Finding = { state: 'unknown', detail: 'STRIPE_SECRET_KEY is not set' };
