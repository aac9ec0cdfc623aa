/** What the watchdog thinks of a check; `unknown`: it could not tell. */
export const WATCHDOG_STATES = ['ok', 'warning', 'unknown'] as const;

export interface Finding {
  state: (typeof WATCHDOG_STATES)[number];
  /** For the operator; without personal data. */
  detail: string;
}

/** Looks at one thing from outside of the handlers. */
export interface WatchdogCheck {
  readonly name: string;
  /** @throws StripeError when Stripe gives no answer */
  look(): Promise<Finding>;
}

export const NO_KEY: Finding = { state: 'unknown', detail: 'STRIPE_SECRET_KEY is not set' };
