import { featuresSql, GIVEN_MOMENTS } from '../features/features-sql.js';
import { driftOf } from '../models/drift.js';
import type { LongRead } from '../reading/long-read.js';
import { matrixOf } from '../reading/matrix.js';
import type { Drift } from '../stored/prediction-state.entity.js';
import { concernedNow, OFFSETS, offsetOf } from '../targets/target-sql.js';
import type { ScoringRun } from './scoring-run.js';

const SAMPLE = 5000;
/** With fewer rows, chance alone moves the index too far. */
const FEWEST_ROWS = 500;
const LISTED = 10;
const NOW = '$1::timestamptz';

/** Compares the features of a random sample of the concerned customers with those of the training. */
export async function measureDrift(read: LongRead, { definition, model, now }: ScoringRun): Promise<Drift> {
  const [[count] = [0]] = await read.rows<[number]>(COUNT, [definition.target]);
  const offsets = Math.ceil(OFFSETS * Math.min(1, SAMPLE / Math.max(1, count)));
  const sample = `
    select customer_id, ${NOW} as t0 from (${concernedNow(definition, NOW)}) as concerned
    where ${offsetOf('customer_id', OFFSETS)} < $2::int`;
  const moments = await read.rows<[string, Date]>(sample, [now, offsets]);
  const ids = moments.map(([id]) => id);
  const times = moments.map(([, t0]) => t0);
  const sql = featuresSql(model.features, GIVEN_MOMENTS);
  const rows = await read.rows<[string, string]>(sql, [now, now, ids, times]);
  const measuredAt = now.toISOString();
  if (rows.length < FEWEST_ROWS) return { measuredAt, rows: rows.length, psiMax: null, features: [] };
  const matrix = matrixOf(
    rows.map(([, text]) => text),
    model.features.length,
  );
  const drifts = driftOf(model.model, matrix, rows.length).toSorted((one, other) => other.psi - one.psi);
  return { measuredAt, rows: rows.length, psiMax: drifts[0]?.psi ?? null, features: drifts.slice(0, LISTED) };
}

const COUNT = 'select count(*)::int from customer_predictions where target = $1';
