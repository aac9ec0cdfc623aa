import { acquisitionOf } from '../../events/customers/acquisition.js';
import type { ExperimentUnit } from './experiment-unit.entity.js';

/** What is known of a unit's customer, by which results are adjusted. */
export type CustomerStrata = Pick<ExperimentUnit, 'source' | 'country'>;

/** Of a user who is no customer. */
export const NO_STRATA: CustomerStrata = { source: null, country: null };

/** Where a customer comes from. */
export function strataOf(customer: {
  metadata: Readonly<Record<string, string>>;
  address: Readonly<Record<string, unknown>> | null;
}): CustomerStrata {
  const { source } = acquisitionOf(customer.metadata);
  const country = customer.address?.country;
  return { source, country: typeof country === 'string' ? country.slice(0, 2) : null };
}
