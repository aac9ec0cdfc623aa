import { Body, HttpCode, HttpStatus, Post } from '@nestjs/common';
import {
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiServiceUnavailableResponse,
  ApiUnprocessableEntityResponse,
} from '@nestjs/swagger';
import { AdminController } from '../../../platform/access/admin-controller.decorator.js';
import { Requires } from '../../../platform/access/requires.decorator.js';
import { ProblemDetails } from '../../../platform/http/problem-details.filter.js';
import { AnswerDto } from './answer.dto.js';
import { AskDto } from '../definitions/any-question.dto.js';
import { Answers } from './answers.service.js';

@AdminController('analytics')
export class AnswersController {
  constructor(private readonly answers: Answers) {}

  @Post('answers')
  @Requires('viewer')
  @HttpCode(HttpStatus.OK)
  @ApiOperation({ summary: 'Ask a question about behaviour; nothing is stored' })
  @ApiOkResponse({ description: 'The answer, with its whole definition', type: AnswerDto })
  @ApiNotFoundResponse({ description: 'No such segment', type: ProblemDetails })
  @ApiUnprocessableEntityResponse({ description: 'It took too long: narrow it', type: ProblemDetails })
  @ApiServiceUnavailableResponse({
    description: 'Too many questions wait, or the database is not available',
    type: ProblemDetails,
  })
  ask(@Body() { definition }: AskDto): Promise<AnswerDto> {
    return this.answers.answer(definition);
  }
}
