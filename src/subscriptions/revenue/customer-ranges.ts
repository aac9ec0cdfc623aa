import type { EntityManager } from 'typeorm';

/** Ids after `after`, up to and with `upTo`. */
export interface CustomerRange {
  after: string;
  upTo: string;
}

/** So many movements or more are in a range: their statement takes about a second. */
const MOVEMENTS_PER_RANGE = 100_000;
const FIRST = '00000000-0000-0000-0000-000000000000';
const LAST = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

/**
 * Ranges that cover all customers. A question about each customer's movements is asked range by range, because over a
 * million customers one statement would exceed its timeout and its memory.
 */
export async function* customerRanges(manager: EntityManager): AsyncGenerator<CustomerRange> {
  for (let after = FIRST; after !== LAST;) {
    const [next] = await manager.query<{ id: string }[]>(NEXT, [after, MOVEMENTS_PER_RANGE]);
    const upTo = next?.id ?? LAST;
    yield { after, upTo };
    after = upTo;
  }
}

const NEXT = `
  select customer_id as id from mrr_movements
  where customer_id > $1 order by customer_id offset $2 limit 1`;

/** The rows of all ranges: those with the same keys are added up. */
export async function sumOverRanges<T extends object, K extends keyof T>(
  manager: EntityManager,
  keys: readonly K[],
  read: (range: CustomerRange) => Promise<T[]>,
): Promise<T[]> {
  const sums = new Map<string, T>();
  for await (const range of customerRanges(manager)) {
    for (const row of await read(range)) {
      const key = keys.map((name) => String(row[name])).join(' ');
      sums.set(key, added(sums.get(key), row, keys));
    }
  }
  return [...sums.values()];
}

function added<T extends object, K extends keyof T>(sum: T | undefined, row: T, keys: readonly K[]): T {
  if (!sum) return row;
  const values = (Object.keys(row) as (keyof T)[]).map((name) => {
    const isKey = (keys as readonly (keyof T)[]).includes(name);
    return [name, isKey ? row[name] : Number(sum[name]) + Number(row[name])];
  });
  return Object.fromEntries(values) as T;
}
