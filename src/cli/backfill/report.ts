import type {
  DriftCounts,
  ListName,
  Reconciliation,
} from '../../webhooks/reconciliation/reconciliation.entity.js';

const COLUMNS: (keyof DriftCounts)[] = [
  'checked',
  'missing',
  'extra',
  'different',
  'repaired',
  'unmatched',
  'failed',
];

const LISTS: ListName[] = ['events', 'customers', 'subscriptions', 'invoices', 'disputes'];

/** The report of a run as text. */
export function toReport({ id, status, reason, dryRun, counts }: Reconciliation): string {
  const cells = (label: string, texts: string[]) =>
    [label.padEnd(13), ...texts.map((text) => text.padStart(10))].join('');
  const row = (list: ListName) =>
    cells(
      list,
      COLUMNS.map((column) => String(counts[list][column])),
    );
  return [
    `Backfill ${id}: ${status}${reason ? ` (${reason})` : ''}${dryRun ? ', dry run: nothing was changed' : ''}`,
    cells('', COLUMNS),
    ...LISTS.map(row),
  ].join('\n');
}
