import { Module } from '@nestjs/common';
import { AnalysisModule } from '../../platform/analysis/analysis.module.js';
import { SubscriptionsModule } from '../../subscriptions/subscriptions.module.js';
import { AnswersController } from './asking/answers.controller.js';
import { Answers } from './asking/answers.service.js';
import { RevenueRetention } from './retention/revenue-retention.service.js';
import { RefreshRollupsJob } from './saved/refresh-rollups.job.js';
import { SavedAnswers } from './saved/saved-answers.service.js';
import { SavedQuestionsController } from './saved/saved-questions.controller.js';
import { SavedQuestions } from './saved/saved-questions.service.js';

/** Questions about behaviour: asked at once, or saved with their versions. */
@Module({
  imports: [SubscriptionsModule, AnalysisModule],
  controllers: [AnswersController, SavedQuestionsController],
  providers: [RevenueRetention, Answers, SavedQuestions, SavedAnswers, RefreshRollupsJob],
})
export class QuestionsModule {}
