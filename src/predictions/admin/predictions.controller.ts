import { Get, HttpCode, HttpStatus, Param, Post, Query } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiBadRequestResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
} from '@nestjs/swagger';
import { PREDICTION_TARGETS } from '../../events/prediction-targets.js';
import { AdminController } from '../../platform/access/admin-controller.decorator.js';
import { ProblemDetails } from '../../platform/http/problem-details.filter.js';
import {
  PredictionDetailDto,
  PredictionDto,
  ScoredCustomerPageDto,
  ScoresQuery,
  TrainingRequestedDto,
} from './prediction.dto.js';
import { Predictions } from './predictions.service.js';

const TARGET = ApiParam({ name: 'target', description: 'What is predicted', enum: PREDICTION_TARGETS });
const UNKNOWN = ApiNotFoundResponse({ description: 'No such prediction', type: ProblemDetails });

@AdminController('predictions')
export class PredictionsController {
  constructor(private readonly predictions: Predictions) {}

  @Get()
  @ApiOperation({ summary: 'What is predicted, and the state of each prediction' })
  @ApiOkResponse({ description: 'All predictions', type: [PredictionDto] })
  list(): Promise<PredictionDto[]> {
    return this.predictions.list();
  }

  @Get(':target')
  @TARGET
  @ApiOperation({
    summary: 'One prediction: its model card, versions, drift, and how its scores compare with what happened',
  })
  @ApiOkResponse({ description: 'The prediction', type: PredictionDetailDto })
  @UNKNOWN
  get(@Param('target') target: string): Promise<PredictionDetailDto> {
    return this.predictions.get(target);
  }

  @Get(':target/customers')
  @TARGET
  @ApiOperation({ summary: 'Customers by score, the highest first' })
  @ApiOkResponse({ description: 'A page of customers', type: ScoredCustomerPageDto })
  @ApiBadRequestResponse({ description: 'Bad cursor, score or limit', type: ProblemDetails })
  @UNKNOWN
  listScores(@Param('target') target: string, @Query() query: ScoresQuery): Promise<ScoredCustomerPageDto> {
    return this.predictions.listScores(target, query);
  }

  @Post(':target/models')
  @HttpCode(HttpStatus.ACCEPTED)
  @TARGET
  @ApiOperation({
    summary: 'Train a model now, in a job',
    description: 'It serves from the next hourly scoring on if it is published.',
  })
  @ApiAcceptedResponse({ description: 'The training is in the queue', type: TrainingRequestedDto })
  @UNKNOWN
  train(@Param('target') target: string): Promise<TrainingRequestedDto> {
    return this.predictions.train(target);
  }
}
