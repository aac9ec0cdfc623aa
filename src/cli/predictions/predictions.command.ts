import type { INestApplicationContext } from '@nestjs/common';
import type { PredictionTarget } from '../../events/prediction-targets.js';
import { Training } from '../../predictions/training/training.service.js';
import type { Output } from '../output.js';
import { EXIT } from '../task.js';

/** Trains models in this process and prints what became of them. */
export async function trainPredictions(
  app: INestApplicationContext,
  { targets }: { targets: readonly PredictionTarget[] },
  output: Output,
): Promise<number> {
  const training = app.get(Training, { strict: false });
  const trained: object[] = [];
  for (const target of targets) {
    const { version, status, rows, seconds } = await training.train(target, null);
    output.line(`${target}  version ${version}  ${status}  ${rows} rows  ${seconds} s`);
    trained.push({ target, version, status, rows, seconds });
  }
  output.document(trained);
  return EXIT.done;
}
