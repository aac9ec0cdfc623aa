import { driftOf } from '../../../src/predictions/models/drift.js';
import { Explainer } from '../../../src/predictions/models/explain-row.js';
import { scoreBatch } from '../../../src/predictions/models/score-rows.js';
import { probabilityOf } from '../../../src/predictions/models/rows/logits.js';
import { seededRandom } from '../../../src/predictions/models/rows/random.js';
import { splitByTime } from '../../../src/predictions/models/split-by-time.js';
import { trainModel } from '../../../src/predictions/models/train-model.js';
import type { TrainedModel } from '../../../src/predictions/models/trained-model.js';
import type { TrainingSet } from '../../../src/predictions/models/training-set.js';
import { describeMachine, type Goal, goalTable, table, writeSection } from '../../report.js';
import { timed } from '../../timed.js';
import type { Suite } from '../suite.js';
import { CHANGED, simulateChurn, USUAL } from './simulated-churn.js';

const CUSTOMERS = 50_000;
const ROWS = 200_000;
const FEATURES = 40;
const PAGE_ROWS = 2000;
const SCORED_ROWS = 1_000_000;
const EXPLAINED_ROWS = 100_000;
const MEGABYTE = 1_048_576;

/** Measures models of predictions without a database: their speed, and how well they do where the truth is known. */
export const measurePredictions: Suite = async (workplace, { customers = CUSTOMERS, isRecorded }) => {
  const speed = await measureSpeed();
  const truth = measureTruth(customers);
  const goals: Goal[] = [
    {
      name: `training, ${ROWS} × ${FEATURES}`,
      measured: speed.trainMs,
      unit: 'ms',
      relation: '≤',
      bound: 10_000,
    },
    { name: 'memory of a training', measured: speed.trainMb, unit: 'MB', relation: '≤', bound: 150 },
    {
      name: 'calibration error against the true hazard',
      measured: truth.error,
      unit: '',
      relation: '≤',
      bound: 0.03,
    },
    { name: 'drift of the changed population', measured: truth.changed, unit: '', relation: '≥', bound: 0.2 },
    { name: 'drift of the usual population', measured: truth.usual, unit: '', relation: '≤', bound: 0.1 },
  ];
  const figures = table(['what', 'figure'], [...speed.rows, ...truth.rows]);
  const markdown = `${figures}\n\n${goalTable(goals)}`;
  console.log(`\n${markdown}\n`);
  if (!isRecorded) return;
  const machine = describeMachine(await workplace.postgresVersion());
  writeSection('predictions', `## Models of predictions, in memory\n\n${machine}\n\n${markdown}`);
};

async function measureSpeed() {
  const set = randomSet();
  const before = process.memoryUsage().rss;
  let model: TrainedModel | undefined;
  const cpu = process.cpuUsage();
  const trainMs = 1000 * (await timed(async () => void (model = trainModel(set))));
  const cpuSeconds = process.cpuUsage(cpu).user / 1e6;
  const trainMb = (process.resourceUsage().maxRSS * 1024 - before) / MEGABYTE;
  if (!model) throw new Error('no model');
  const page = pageOf(set);
  const scored = await timed(async () => scorePages(model as TrainedModel, page));
  const explained = await timed(async () => explainRows(model as TrainedModel, page));
  const size = JSON.stringify(model).length / 1024;
  const rows = [
    [
      `training, ${ROWS} × ${FEATURES} (${model.kind}${treesOf(model)})`,
      `${(trainMs / 1000).toFixed(1)} s, CPU ${cpuSeconds.toFixed(1)} s`,
    ],
    ['memory beside the training set, at most', `${trainMb.toFixed(0)} MB`],
    ['the model as JSON', `${size.toFixed(0)} KB`],
    [`scoring ${SCORED_ROWS} × ${FEATURES} in pages of ${PAGE_ROWS}`, `${scored.toFixed(1)} s`],
    [`explaining ${EXPLAINED_ROWS} rows`, `${explained.toFixed(1)} s`],
  ];
  return { trainMs, trainMb, rows };
}

function treesOf(model: TrainedModel): string {
  return model.kind === 'trees' ? `, ${model.forest.trees.length}` : '';
}

/** Rows that trees fit better, so that the model with the longer scoring is measured. */
function randomSet(): TrainingSet {
  const random = seededRandom(1);
  const values = new Float32Array(ROWS * FEATURES).map((_, at) => {
    const feature = Math.floor(at / ROWS);
    if (feature % 5 === 4 && random() < 0.1) return Number.NaN;
    return feature % 3 === 0 ? Math.floor(-5 * Math.log(1 - random())) : random();
  });
  const at = (row: number, feature: number) => values[feature * ROWS + row] as number;
  const labels = Uint8Array.from({ length: ROWS }, (_, row) => {
    const jump = at(row, 3) > 4 === at(row, 5) > 0.5 ? 2 : 0;
    return random() < probabilityOf(-4 + 0.2 * at(row, 0) + 2 * at(row, 1) * at(row, 2) + jump) ? 1 : 0;
  });
  const times = Float64Array.from({ length: ROWS }, (_, row) => 600_000 * row);
  const featureNames = Array.from({ length: FEATURES }, (_, feature) => `feature_${feature}`);
  const customers = Uint32Array.from({ length: ROWS }, (_, row) => row % CUSTOMERS);
  return { featureNames, rows: ROWS, values, labels, customers, times, windowDays: 30 };
}

function pageOf({ values, rows }: TrainingSet): Float64Array {
  const page = new Float64Array(PAGE_ROWS * FEATURES);
  for (let feature = 0; feature < FEATURES; feature += 1) {
    page.set(values.subarray(feature * rows, feature * rows + PAGE_ROWS), feature * PAGE_ROWS);
  }
  return page;
}

function scorePages(model: TrainedModel, page: Float64Array): void {
  for (let row = 0; row < SCORED_ROWS; row += PAGE_ROWS) scoreBatch(model, page, PAGE_ROWS);
}

function explainRows(model: TrainedModel, page: Float64Array): void {
  const explainer = new Explainer(model);
  const [row, contributions] = [new Float64Array(FEATURES), new Float64Array(FEATURES)];
  for (let n = 0; n < EXPLAINED_ROWS; n += 1) {
    row.forEach((_, feature) => (row[feature] = page[feature * PAGE_ROWS + (n % PAGE_ROWS)] as number));
    explainer.contribute(row, contributions);
  }
}

/** A model of simulated customers beside their true hazards, and the drift of usual and changed customers. */
function measureTruth(customers: number) {
  const { set, hazards } = simulateChurn(customers, USUAL, 1);
  const model = trainModel(set);
  const { start, end } = splitByTime(set).test;
  const columns = set.featureNames.map((_, feature) =>
    set.values.subarray(feature * set.rows + start, feature * set.rows + end),
  );
  const scores = scoreBatch(
    model,
    Float64Array.from(columns.flatMap((column) => [...column])),
    end - start,
  ).scores;
  const error = distanceFrom(scores, hazards.subarray(start, end));
  const [usual, changed] = [USUAL, CHANGED].map((conduct) => {
    const later = simulateChurn(Math.ceil(customers / 10), conduct, 2).set;
    return driftOf(model, later.values, later.rows).toSorted((a, b) => b.psi - a.psi);
  });
  const { card } = model;
  const number = (value: number | null | undefined) => (value ?? Number.NaN).toFixed(3);
  const rows = [
    [
      'simulated customers, rows, share that churns',
      `${customers}, ${set.rows}, ${number(card.positives / card.rows)}`,
    ],
    ['model', `${card.chosen?.kind}, ${card.status}`],
    ['AUC (95 %)', `${number(card.auc?.value)} (${number(card.auc?.low)} – ${number(card.auc?.high)})`],
    ['Brier score, skill', `${number(card.brier)}, ${number(card.brierSkill)}`],
    ['ECE, of chance alone', `${number(card.ece)}, ${number(card.eceByChance)}`],
    ['lift of the first tenth', number(card.liftByDecile[0])],
    ['calibration error against the true hazard', number(error)],
    [
      'drifted after the change',
      (changed ?? [])
        .filter(({ psi }) => psi > 0.2)
        .map(({ feature, psi }) => `${feature} ${psi.toFixed(2)}`)
        .join(', '),
    ],
  ];
  return { error, usual: usual?.[0]?.psi ?? Number.NaN, changed: changed?.[0]?.psi ?? Number.NaN, rows };
}

/** The distance of mean score and mean hazard in each tenth of the rows by score, averaged. */
function distanceFrom(scores: Float64Array, hazards: Float64Array): number {
  const order = [...scores.keys()].toSorted((a, b) => (scores[a] as number) - (scores[b] as number));
  let sum = 0;
  for (let tenth = 0; tenth < 10; tenth += 1) {
    const rows = order.slice((tenth * order.length) / 10, ((tenth + 1) * order.length) / 10);
    sum += Math.abs(
      rows.reduce((total, row) => total + (scores[row] as number) - (hazards[row] as number), 0),
    );
  }
  return sum / scores.length;
}
