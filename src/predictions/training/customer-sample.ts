import type { LongRead } from '../reading/long-read.js';
import { OFFSETS, offsetOf } from '../targets/target-sql.js';

/** From so many customers, frequent values are found, and the moments of all are estimated. */
const SAMPLED_CUSTOMERS = 10_000;

/** Some customers, chosen by their ids: those whose offset below `OFFSETS` is smaller. */
export interface CustomerSample {
  ids: string[];
  offsets: number;
}

/** A sample of about 10,000 customers; all of them if there are fewer. */
export async function sampleCustomers(read: LongRead): Promise<CustomerSample> {
  const [[customers]] = (await read.rows<[number]>(COUNT, [])) as [[number]];
  const offsets = Math.ceil(OFFSETS * Math.min(1, SAMPLED_CUSTOMERS / Math.max(1, customers)));
  return { ids: (await read.rows<[string]>(CUSTOMERS_BELOW, [offsets])).flat(), offsets };
}

/** So many offsets of customers have about `rowsMax` moments, if those of the sample have `counted`; at most all. */
export function offsetsFor(rowsMax: number, { offsets }: CustomerSample, counted: number): number {
  return Math.min(OFFSETS, Math.ceil((offsets * rowsMax) / Math.max(1, counted)));
}

const COUNT = 'select count(*)::int from customers';

/** SQL of the ids of the customers whose offset is below `$1`. It reads the index of the ids only. */
export const CUSTOMERS_BELOW = `select id from customers where ${offsetOf('id', OFFSETS)} < $1::int order by id`;
