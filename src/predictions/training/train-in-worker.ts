import { Worker } from 'node:worker_threads';
import type { TrainedModel } from '../models/trained-model.js';
import type { TrainingSet } from '../models/training-set.js';

/** The heap of the thread. The arrays of the set are outside of it: they are handed over, not copied. */
const LIMITS = { maxOldGenerationSizeMb: 192 };
const TIMEOUT_MS = 600_000;

/** Without a build, as in tests, the file of the thread is TypeScript, and tsx reads it. */
const IS_SOURCE = import.meta.url.endsWith('.ts');
const FILE = new URL(`./training-thread.${IS_SOURCE ? 'ts' : 'js'}`, import.meta.url);
const READ_SOURCE = `import('tsx/esm/api').then(({ tsImport }) => tsImport('${FILE.href}', '${import.meta.url}'))`;

/** Trains a model in a thread of its own, so that the process serves requests in between. The set is used up. */
export function trainInWorker(set: TrainingSet): Promise<TrainedModel> {
  const worker = new Worker(IS_SOURCE ? READ_SOURCE : FILE, {
    eval: IS_SOURCE,
    workerData: set,
    transferList: [set.values, set.labels, set.customers, set.times].map(
      ({ buffer }) => buffer as ArrayBuffer,
    ),
    resourceLimits: LIMITS,
  });
  return new Promise<TrainedModel>((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new Error(`The training took longer than ${TIMEOUT_MS / 1000} s`));
      void worker.terminate();
    }, TIMEOUT_MS);
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', (code) => {
      clearTimeout(timer);
      reject(new Error(`The thread of the training ended with code ${code} without a model`));
    });
  });
}
