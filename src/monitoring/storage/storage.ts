/** The size of a table with its indexes. */
export interface TableStorage {
  table: string;
  bytes: number;
  /** The growth since `grownSince`; null without an earlier sample. */
  grownBytes: number | null;
  /** A day (UTC) within the last week; null without an earlier sample. */
  grownSince: string | null;
}

export interface Storage {
  databaseBytes: number;
  /** The largest first. */
  tables: TableStorage[];
}

/** One row: the whole database, and the tables whose names are the first parameter. */
export const STORAGE = `
  with sizes as (
    select name, pg_total_relation_size(to_regclass(name)) as bytes
    from unnest($1::text[]) as name where to_regclass(name) is not null
  ), tables as (
    select name as "table", sizes.bytes, sizes.bytes - sample.bytes as "grownBytes", sample.day as "grownSince"
    from sizes left join lateral (
      select day, bytes from table_sizes
      where table_name = name and day < (now() at time zone 'UTC')::date
        and day >= (now() at time zone 'UTC')::date - 7
      order by day limit 1
    ) as sample on true
  )
  select pg_database_size(current_database())::float8 as "databaseBytes",
    (select coalesce(jsonb_agg(tables order by bytes desc, "table"), '[]') from tables) as tables`;

const LARGEST = 3;

/** The sizes of the database and its largest tables in words, for people who search for what fills a disk. */
export function describeStorage({ databaseBytes, tables }: Storage): string {
  const largest = tables.slice(0, LARGEST).map(({ table, bytes, grownBytes, grownSince }) => {
    const growth = grownBytes === null ? '' : ` (${toGrowth(grownBytes)} since ${grownSince})`;
    return `${table} ${toSize(bytes)}${growth}`;
  });
  return `The database has ${toSize(databaseBytes)}; its largest tables: ${largest.join(', ')}`;
}

function toGrowth(bytes: number): string {
  return `${bytes < 0 ? '-' : '+'}${toSize(Math.abs(bytes))}`;
}

/** `1.5 GB` */
export function toSize(bytes: number): string {
  const exponent = Math.min(3, Math.max(1, Math.floor(Math.log(Math.max(1, bytes)) / Math.log(1024))));
  const unit = ['kB', 'MB', 'GB'][exponent - 1];
  return `${(bytes / 1024 ** exponent).toFixed(1)} ${unit}`;
}
