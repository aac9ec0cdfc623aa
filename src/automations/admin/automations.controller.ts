import { Body, Get, HttpCode, HttpStatus, Param, Post, Put } from '@nestjs/common';
import {
  ApiBadRequestResponse,
  ApiConflictResponse,
  ApiCreatedResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
} from '@nestjs/swagger';
import { AdminController } from '../../platform/access/admin-controller.decorator.js';
import { Requires } from '../../platform/access/requires.decorator.js';
import { ProblemDetails } from '../../platform/http/problem-details.filter.js';
import { DryRunResultDto } from '../dry-run/dry-run.dto.js';
import { DryRuns } from '../dry-run/dry-runs.service.js';
import {
  AutomationDto,
  AutomationVersionDto,
  CreateAutomationDto,
  DryRunDto,
  EditAutomationDto,
  ReadyMadeDto,
} from './automation.dto.js';
import { Automations } from './automations.service.js';

const NAME = ApiParam({ name: 'name', description: 'Name of the automation', example: 'at-risk' });
const UNKNOWN = ApiNotFoundResponse({ description: 'No such automation', type: ProblemDetails });
const INVALID = ApiBadRequestResponse({
  description: 'The definition has problems, each with its place',
  type: ProblemDetails,
});

@AdminController('automations')
export class AutomationsController {
  constructor(
    private readonly automations: Automations,
    private readonly dryRuns: DryRuns,
  ) {}

  @Get()
  @ApiOperation({ summary: 'List automations by name' })
  @ApiOkResponse({ description: 'All automations', type: [AutomationDto] })
  list(): Promise<AutomationDto[]> {
    return this.automations.list();
  }

  @Get('ready-made')
  @ApiOperation({ summary: 'List the ready-made automations with their parameters' })
  @ApiOkResponse({ description: 'All ready-made automations', type: [ReadyMadeDto] })
  readyMade(): ReadyMadeDto[] {
    return this.automations.readyMade();
  }

  @Post()
  @Requires('admin')
  @ApiOperation({ summary: 'Create an automation', description: 'It is disabled until it is enabled.' })
  @ApiCreatedResponse({ description: 'The automation', type: AutomationDto })
  @ApiConflictResponse({ description: 'The name is taken, or there are too many', type: ProblemDetails })
  @INVALID
  create(@Body() body: CreateAutomationDto): Promise<AutomationDto> {
    return this.automations.create(body);
  }

  @Post('dry-run')
  @HttpCode(HttpStatus.OK)
  @ApiOperation({
    summary: 'Show which runs an automation would have started',
    description:
      'It reads the history of up to 90 days, and shows the exact requests. Nothing is sent or stored.',
  })
  @ApiOkResponse({ description: 'Starts by day, customers and examples', type: DryRunResultDto })
  @UNKNOWN
  @INVALID
  async dryRun(@Body() { days, ...given }: DryRunDto): Promise<DryRunResultDto> {
    return this.dryRuns.run(await this.automations.definitionOf(given), days);
  }

  @Get(':name')
  @NAME
  @ApiOperation({ summary: 'One automation' })
  @ApiOkResponse({ description: 'The automation', type: AutomationDto })
  @UNKNOWN
  get(@Param('name') name: string): Promise<AutomationDto> {
    return this.automations.get(name);
  }

  @Put(':name')
  @Requires('admin')
  @NAME
  @ApiOperation({
    summary: 'Give an automation another definition',
    description: 'It makes a new version. Runs under way keep theirs.',
  })
  @ApiOkResponse({ description: 'The automation', type: AutomationDto })
  @UNKNOWN
  @INVALID
  edit(@Param('name') name: string, @Body() { definition }: EditAutomationDto): Promise<AutomationDto> {
    return this.automations.edit(name, definition);
  }

  @Get(':name/versions')
  @NAME
  @ApiOperation({ summary: 'All definitions of an automation, newest first' })
  @ApiOkResponse({ description: 'All versions', type: [AutomationVersionDto] })
  @UNKNOWN
  versions(@Param('name') name: string): Promise<AutomationVersionDto[]> {
    return this.automations.versions(name);
  }

  @Post(':name/enable')
  @HttpCode(HttpStatus.OK)
  @Requires('admin')
  @NAME
  @ApiOperation({
    summary: 'Enable an automation',
    description: 'What happens from now on starts runs. Runs that waited while it was disabled go on.',
  })
  @ApiOkResponse({ description: 'The automation', type: AutomationDto })
  @UNKNOWN
  @INVALID
  enable(@Param('name') name: string): Promise<AutomationDto> {
    return this.automations.enable(name);
  }

  @Post(':name/disable')
  @HttpCode(HttpStatus.OK)
  @Requires('admin')
  @NAME
  @ApiOperation({ summary: 'Disable an automation', description: 'No run starts, and those under way wait.' })
  @ApiOkResponse({ description: 'The automation', type: AutomationDto })
  @UNKNOWN
  disable(@Param('name') name: string): Promise<AutomationDto> {
    return this.automations.disable(name);
  }
}
