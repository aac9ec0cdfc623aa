import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { medianSurvival, survivalCurve } from '../../platform/statistics/kaplan-meier.js';
import { fitLogistic, logisticLogits } from './logistic/logistic-regression.js';
import { areaUnderCurve } from './quality/auc.js';
import { brierScore, calibrationError, liftByDecile } from './quality/probability-scores.js';
import type { Columns } from './rows/columns.js';
import { probabilityOf } from './rows/logits.js';

/** A folder with public data sets that are not part of the repository. */
const FOLDER = process.env.REFERENCE_DATA_DIR ?? '';
const WALTONS = join(FOLDER, 'waltons.csv');
const TELCO = process.env.TELCO_CSV ?? join(FOLDER, 'telco_churn.csv');

function recordsOf(file: string): Record<string, string>[] {
  const [header = [], ...rows] = readFileSync(file, 'utf8')
    .trim()
    .split(/\r?\n/)
    .map((line) => line.split(','));
  return rows.map((row) => Object.fromEntries(header.map((name, at) => [name, row[at] ?? ''])));
}

/** Numbers as they are, blank ones 0; one column of 0 and 1 for each value of other fields. "No … service" is "No". */
function columnsOf(records: Record<string, string>[], omitted: readonly string[]): Columns {
  const names = Object.keys(records[0] ?? {}).filter((name) => !omitted.includes(name));
  const columns = names.flatMap((name) => {
    const texts = records.map((record) => (record[name] ?? '').trim().replace(/^No \w+ service$/, 'No'));
    const isNumber = texts.every((text) => !Number.isNaN(Number(text)));
    if (isNumber) return [texts.map(Number)];
    return [...new Set(texts)].map((value) => texts.map((text) => (text === value ? 1 : 0)));
  });
  return { values: Float64Array.from(columns.flat()), rows: records.length, features: columns.length };
}

describe.skipIf(!existsSync(WALTONS))('lives (waltons.csv in REFERENCE_DATA_DIR)', () => {
  it('have the known median', () => {
    const lives = recordsOf(WALTONS).map(({ T, E }) => ({ time: Number(T), hasEvent: E === '1' }));
    expect(medianSurvival(survivalCurve(lives))).toBe(56);
  });
});

describe.skipIf(!existsSync(TELCO))('churn (telco_churn.csv in REFERENCE_DATA_DIR)', () => {
  it('is predicted as well as by the reference', () => {
    const records = recordsOf(TELCO);
    const ordered = [records.filter((_, row) => row % 5 > 0), records.filter((_, row) => row % 5 === 0)];
    const columns = columnsOf(ordered.flat(), ['customerID', 'Churn']);
    const labels = Uint8Array.from(ordered.flat(), ({ Churn }) => (Churn === 'Yes' ? 1 : 0));
    const [train, test] = [
      { start: 0, end: ordered[0]?.length ?? 0 },
      { start: ordered[0]?.length ?? 0, end: records.length },
    ];
    const fit = fitLogistic(columns, labels, train, 1);
    const logits = new Float64Array(test.end - test.start);
    logisticLogits(fit, columns, test, logits);
    const scores = logits.map(probabilityOf);
    const testLabels = labels.subarray(test.start);
    const rate = labels.subarray(0, train.end).reduce((sum, label) => sum + label, 0) / train.end;
    const distances = [
      areaUnderCurve(scores, testLabels).value - 0.835,
      brierScore(scores, testLabels) - 0.14,
      brierScore(new Float64Array(scores.length).fill(rate), testLabels) - 0.194,
      (liftByDecile(scores, testLabels)[0] ?? Number.NaN) - 2.76,
    ];
    expect(distances.map((distance) => Math.abs(distance) < 0.001)).toEqual([true, true, true, true]);
    // A row more or less in a tenth moves this by 0.002.
    expect(Math.abs(calibrationError(scores, testLabels) - 0.023)).toBeLessThan(0.004);
  });
});
