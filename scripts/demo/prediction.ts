import { setTimeout as sleep } from 'node:timers/promises';
import type { CustomerPredictionsDto } from '../../src/predictions/admin/customer-prediction.dto.js';
import type { PredictionDetailDto } from '../../src/predictions/admin/prediction.dto.js';
import { ask, type Service } from './api.js';

const TARGET = 'pays';
const TRAINED_WITHIN_MS = 60_000;

/**
 * Trains a prediction on what the service has, and prints what it says about a customer: the score with its strongest
 * reasons, or what the training lacks.
 * @returns whether there was an answer
 */
export async function demoPrediction(service: Service, customer: string): Promise<boolean> {
  process.stdout.write('\nA prediction\n');
  const { trainedAt: before } = await ask<PredictionDetailDto>(service, `predictions/${TARGET}`);
  await ask(service, `predictions/${TARGET}/models`, {});
  const trained = await untilTrained(service, before);
  const { predictions } = await ask<CustomerPredictionsDto>(service, `customers/${customer}/predictions`);
  const own = predictions.find(({ target }) => target === TARGET);
  process.stdout.write(
    `    ${own ? 'ok ' : 'BAD'} ${customer} ${trained.title}: ${own?.score ?? own?.status.replaceAll('_', ' ')}\n`,
  );
  for (const { text } of own?.explanation?.strongest ?? []) process.stdout.write(`      ${text}\n`);
  for (const { part, label, customers, needed } of own?.missing ?? [])
    process.stdout.write(`      ${part}: ${customers} of ${needed} customers with ${label}\n`);
  return own !== undefined;
}

async function untilTrained(
  service: Service,
  before: PredictionDetailDto['trainedAt'],
): Promise<PredictionDetailDto> {
  for (const startedAt = Date.now(); ; await sleep(200)) {
    const prediction = await ask<PredictionDetailDto>(service, `predictions/${TARGET}`);
    if (prediction.trainedAt !== before) return prediction;
    if (Date.now() - startedAt > TRAINED_WITHIN_MS)
      throw new Error(`The prediction ${TARGET} is not trained`);
  }
}
