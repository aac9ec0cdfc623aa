import type { EntityManager } from 'typeorm';
import type { PredictionTarget } from '../../events/prediction-targets.js';
import { featuresFor } from '../features/feature-list.js';
import type { Feature } from '../features/feature.js';
import type { TrainedModel } from '../models/trained-model.js';
import type { PredictionModel } from '../stored/prediction-model.entity.js';

/** A stored model with its features, in the order of its values. */
export interface UsableModel {
  id: string;
  version: number;
  model: TrainedModel;
  features: Feature[];
}

type Row = Pick<PredictionModel, 'id' | 'version' | 'card' | 'vocabulary' | 'model'>;

/** The model that serves a target; null while none does. */
export async function findServingModel(
  manager: EntityManager,
  target: PredictionTarget,
): Promise<UsableModel | null> {
  const [row] = await manager.query<Row[]>(SERVING, [target]);
  return row ? usable(row) : null;
}

/** @throws Error if the model is gone */
export async function getModel(manager: EntityManager, id: string): Promise<UsableModel> {
  const [row] = await manager.query<Row[]>(BY_ID, [id]);
  if (!row) throw new Error(`The model ${id} of predictions is not stored`);
  return usable(row);
}

/** @throws Error if this release does not have a feature of the model any more; the next training makes another model */
function usable({ id, version, card, vocabulary, model }: Row): UsableModel {
  const known = new Map(featuresFor(vocabulary).map((feature) => [feature.name, feature]));
  const features = model.featureNames.map((name) => {
    const feature = known.get(name);
    if (!feature)
      throw new Error(`The model ${id} uses the feature ${name}, which this release does not have`);
    return feature;
  });
  return { id, version, model: { ...model, card } as TrainedModel, features };
}

const BY_ID = `select id, version, card, vocabulary, model from prediction_models where id = $1`;
const SERVING = `
  select id, version, card, vocabulary, model from prediction_models
  where id = (select serving_model_id from prediction_states where target = $1)`;
