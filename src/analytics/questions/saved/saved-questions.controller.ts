import { Body, Delete, Get, HttpCode, HttpStatus, Param, Post, Query } from '@nestjs/common';
import {
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiServiceUnavailableResponse,
  ApiUnprocessableEntityResponse,
} from '@nestjs/swagger';
import { AdminController } from '../../../platform/access/admin-controller.decorator.js';
import { PageQuery } from '../../../platform/http/page.dto.js';
import { ProblemDetails } from '../../../platform/http/problem-details.filter.js';
import { AnswerDto } from '../asking/answer.dto.js';
import {
  QuestionPageDto,
  QuestionParams,
  SavedAnswerQuery,
  SavedQuestionDto,
  SaveQuestionDto,
} from './saved-question.dto.js';
import { SavedAnswers } from './saved-answers.service.js';
import { SavedQuestions } from './saved-questions.service.js';

const NO_QUESTION = { description: 'No such question or version', type: ProblemDetails };

@AdminController('analytics/questions')
export class SavedQuestionsController {
  constructor(
    private readonly questions: SavedQuestions,
    private readonly answers: SavedAnswers,
  ) {}

  @Post()
  @ApiOperation({ summary: 'Save a question; a name that is in use gets a new version' })
  @ApiCreatedResponse({ description: 'The question with its newest versions', type: SavedQuestionDto })
  @ApiNotFoundResponse({ description: 'No such segment', type: ProblemDetails })
  save(@Body() question: SaveQuestionDto): Promise<SavedQuestionDto> {
    return this.questions.save(question);
  }

  @Get()
  @ApiOperation({ summary: 'Saved questions, the newest first' })
  @ApiOkResponse({ description: 'A page of questions', type: QuestionPageDto })
  list(@Query() query: PageQuery): Promise<QuestionPageDto> {
    return this.questions.list(query);
  }

  @Get(':name')
  @ApiOperation({ summary: 'A saved question with its versions, page by page' })
  @ApiOkResponse({ description: 'The question', type: SavedQuestionDto })
  @ApiNotFoundResponse(NO_QUESTION)
  get(@Param() { name }: QuestionParams, @Query() query: PageQuery): Promise<SavedQuestionDto> {
    return this.questions.get(name, query);
  }

  @Get(':name/answer')
  @ApiOperation({
    summary: 'The answer to a saved question; retention and milestone funnels as of the last hourly refresh',
  })
  @ApiOkResponse({ description: 'The answer, with its whole definition', type: AnswerDto })
  @ApiNotFoundResponse(NO_QUESTION)
  @ApiUnprocessableEntityResponse({ description: 'It took too long: narrow it', type: ProblemDetails })
  @ApiServiceUnavailableResponse({
    description: 'Too many questions wait, or the database is not available',
    type: ProblemDetails,
  })
  answer(@Param() { name }: QuestionParams, @Query() { version }: SavedAnswerQuery): Promise<AnswerDto> {
    return this.answers.answer(name, version);
  }

  @Delete(':name')
  @HttpCode(HttpStatus.NO_CONTENT)
  @ApiOperation({ summary: 'Delete a saved question with all its versions' })
  @ApiNoContentResponse({ description: 'Deleted' })
  @ApiNotFoundResponse(NO_QUESTION)
  delete(@Param() { name }: QuestionParams): Promise<void> {
    return this.questions.delete(name);
  }
}
