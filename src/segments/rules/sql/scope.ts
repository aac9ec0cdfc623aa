/**
 * `some`: few customers, whose events are read by index, condition by condition. `all`: all customers, whose events are
 * aggregated once for each name.
 */
export type Scope = 'some' | 'all';
