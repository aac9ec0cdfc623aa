import { Argument, type Command } from 'commander';
import { PREDICTION_TARGETS, type PredictionTarget } from '../../events/prediction-targets.js';
import type { Declare } from '../task.js';

export function declarePredictions(program: Command, declare: Declare): void {
  const predictions = program.command('predictions').description('train models of predictions');
  declare(
    predictions
      .command('train')
      .description(
        'trains a model of one prediction, or of all: a published one serves from the next hourly scoring on',
      )
      .addArgument(new Argument('[target]', 'what is predicted').choices(PREDICTION_TARGETS)),
    (target?: PredictionTarget) => ({
      args: { targets: target ? [target] : PREDICTION_TARGETS },
      load: async () => (await import('./predictions.command.js')).trainPredictions,
    }),
  );
}
