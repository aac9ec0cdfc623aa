import { Injectable } from '@nestjs/common';
import { Registry } from 'prom-client';
import { gauge } from '../../platform/metrics/metrics.js';
import { ExperimentDefinitions } from './experiment-definitions.service.js';

/** Counts the experiments that run, as this process knows them. */
@Injectable()
export class ExperimentGauges {
  constructor(definitions: ExperimentDefinitions, registry: Registry) {
    gauge(registry, 'experiments_running', (running) => running.set(definitions.current.open.length));
  }
}
