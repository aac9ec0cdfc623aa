import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AnalysisModule } from '../platform/analysis/analysis.module.js';
import { CustomerPredictionsController } from './admin/customer-predictions.controller.js';
import { CustomerPredictions } from './admin/customer-predictions.service.js';
import { PredictionsController } from './admin/predictions.controller.js';
import { Predictions } from './admin/predictions.service.js';
import { LifetimesController } from './lifetime/lifetimes.controller.js';
import { Lifetimes } from './lifetime/lifetimes.service.js';
import { SurvivalController } from './lifetime/survival.controller.js';
import { PredictionsErasureListener } from './predictions-erasure.listener.js';
import { ScoreCustomersJob } from './scoring/score-customers.job.js';
import { ScoreWriter } from './scoring/score-writer.service.js';
import { Scoring } from './scoring/scoring.service.js';
import { CustomerPrediction } from './stored/customer-prediction.entity.js';
import { PredictionModel } from './stored/prediction-model.entity.js';
import { PredictionOutcome } from './stored/prediction-outcome.entity.js';
import { PredictionState } from './stored/prediction-state.entity.js';
import { TrainPredictionJob } from './training/train-prediction.job.js';
import { TrainPredictionsJob } from './training/train-predictions.job.js';
import { Training } from './training/training.service.js';

/** Predicts which customers activate, pay and churn, with models that are trained here. */
@Module({
  imports: [
    AnalysisModule,
    TypeOrmModule.forFeature([PredictionModel, PredictionState, CustomerPrediction, PredictionOutcome]),
  ],
  controllers: [
    PredictionsController,
    CustomerPredictionsController,
    SurvivalController,
    LifetimesController,
  ],
  providers: [
    Predictions,
    CustomerPredictions,
    Lifetimes,
    Training,
    TrainPredictionsJob,
    TrainPredictionJob,
    ScoreWriter,
    Scoring,
    ScoreCustomersJob,
    PredictionsErasureListener,
  ],
})
export class PredictionsModule {}
