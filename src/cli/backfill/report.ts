import type { DriftCounts, Reconciliation } from '../../webhooks/reconciliation/reconciliation.entity.js';

const COLUMNS: (keyof DriftCounts)[] = [
  'checked',
  'missing',
  'extra',
  'different',
  'repaired',
  'unmatched',
  'failed',
];

/** What a run has found, for a person. */
export function toReport({ id, status, reason, dryRun, counts }: Reconciliation): string {
  const cells = (label: string, texts: string[]) =>
    [label.padEnd(10), ...texts.map((text) => text.padStart(10))].join('');
  const row = (list: keyof typeof counts) =>
    cells(
      list,
      COLUMNS.map((column) => String(counts[list][column])),
    );
  return [
    `Backfill ${id}: ${status}${reason ? ` (${reason})` : ''}${dryRun ? ', dry run: nothing was changed' : ''}`,
    cells('', COLUMNS),
    row('events'),
    row('customers'),
  ].join('\n');
}
