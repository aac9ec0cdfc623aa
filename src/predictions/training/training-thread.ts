import { parentPort, workerData } from 'node:worker_threads';
import { trainModel } from '../models/train-model.js';
import type { TrainingSet } from '../models/training-set.js';

// The whole program of a training thread: one set in, one model out.
parentPort?.postMessage(trainModel(workerData as TrainingSet), []);
