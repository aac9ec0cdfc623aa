import { Body, Delete, Get, HttpCode, HttpStatus, Param, Patch, Post, Query } from '@nestjs/common';
import {
  ApiConflictResponse,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
} from '@nestjs/swagger';
import { AdminController } from '../../platform/access/admin-controller.decorator.js';
import { ProblemDetails } from '../../platform/http/problem-details.filter.js';
import {
  DecideDto,
  DefineExperimentDto,
  EditExperimentDto,
  ExperimentDto,
  ExperimentPageDto,
  ExperimentsQuery,
  NewPhaseDto,
} from './experiment.dto.js';
import { Experiments } from './experiments.service.js';

const NAME = ApiParam({ name: 'name', description: 'Name of the experiment', example: 'short-welcome' });
const FOUND = ApiOkResponse({ description: 'The experiment', type: ExperimentDto });
const UNKNOWN = ApiNotFoundResponse({ description: 'No such experiment', type: ProblemDetails });
const REFUSED = ApiConflictResponse({
  description: 'The change is refused, and the reason is given',
  type: ProblemDetails,
});

@AdminController('experiments')
export class ExperimentsController {
  constructor(private readonly experiments: Experiments) {}

  @Get()
  @ApiOperation({ summary: 'List experiments by name' })
  @ApiOkResponse({ description: 'A page of experiments', type: ExperimentPageDto })
  list(@Query() query: ExperimentsQuery): Promise<ExperimentPageDto> {
    return this.experiments.list(query);
  }

  @Post()
  @ApiOperation({ summary: 'Define an experiment, as a draft' })
  @ApiCreatedResponse({ description: 'The draft', type: ExperimentDto })
  @ApiConflictResponse({ description: 'The name is taken', type: ProblemDetails })
  define(@Body() body: DefineExperimentDto): Promise<ExperimentDto> {
    return this.experiments.define(body);
  }

  @Get(':name')
  @NAME
  @ApiOperation({ summary: 'One experiment with its phases' })
  @FOUND
  @UNKNOWN
  get(@Param('name') name: string): Promise<ExperimentDto> {
    return this.experiments.get(name);
  }

  @Patch(':name')
  @NAME
  @ApiOperation({
    summary: 'Change an experiment',
    description: 'Once it has started, only its description and a greater coverage can change.',
  })
  @FOUND
  @UNKNOWN
  @REFUSED
  edit(@Param('name') name: string, @Body() body: EditExperimentDto): Promise<ExperimentDto> {
    return this.experiments.edit(name, body);
  }

  @Delete(':name')
  @HttpCode(HttpStatus.NO_CONTENT)
  @NAME
  @ApiOperation({ summary: 'Delete a draft' })
  @ApiNoContentResponse({ description: 'Deleted' })
  @UNKNOWN
  @REFUSED
  delete(@Param('name') name: string): Promise<void> {
    return this.experiments.delete(name);
  }

  @Post(':name/start')
  @HttpCode(HttpStatus.OK)
  @NAME
  @ApiOperation({
    summary: 'Start an experiment',
    description: 'New customers get arms from now on; in other processes within a second.',
  })
  @FOUND
  @UNKNOWN
  @REFUSED
  start(@Param('name') name: string): Promise<ExperimentDto> {
    return this.experiments.start(name);
  }

  @Post(':name/phases')
  @HttpCode(HttpStatus.OK)
  @NAME
  @ApiOperation({
    summary: 'Give the arms new weights, in a new phase',
    description:
      'They are for new units only, and are bucketed by another seed. All other units keep their arms.',
  })
  @FOUND
  @UNKNOWN
  @REFUSED
  addPhase(@Param('name') name: string, @Body() body: NewPhaseDto): Promise<ExperimentDto> {
    return this.experiments.addPhase(name, body);
  }

  @Post(':name/stop')
  @HttpCode(HttpStatus.OK)
  @NAME
  @ApiOperation({
    summary: 'Stop an experiment',
    description: 'There are no new units. Units keep their arms.',
  })
  @FOUND
  @UNKNOWN
  @REFUSED
  stop(@Param('name') name: string): Promise<ExperimentDto> {
    return this.experiments.stop(name);
  }

  @Post(':name/decide')
  @HttpCode(HttpStatus.OK)
  @NAME
  @ApiOperation({
    summary: 'Decide a stopped experiment',
    description: 'Its arms have no effect any more: what won is to be made the usual way.',
  })
  @FOUND
  @UNKNOWN
  @REFUSED
  decide(@Param('name') name: string, @Body() body: DecideDto): Promise<ExperimentDto> {
    return this.experiments.decide(name, body);
  }
}
