import { Body, Delete, Get, HttpCode, HttpStatus, Param, Patch, Post } from '@nestjs/common';
import {
  ApiBadRequestResponse,
  ApiConflictResponse,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
} from '@nestjs/swagger';
import { AdminController } from '../../platform/access/admin-controller.decorator.js';
import { Requires } from '../../platform/access/requires.decorator.js';
import { ProblemDetails } from '../../platform/http/problem-details.filter.js';
import { ConnectorDeletion } from './connector-deletion.service.js';
import { ConnectorPreviews } from './connector-previews.service.js';
import {
  ConnectorDto,
  ConnectorHealthDto,
  CreateConnectorDto,
  EditConnectorDto,
  MappingChangeDto,
  MappingDto,
  PlanDto,
  SystemDto,
} from './connector.dto.js';
import { Connectors } from './connectors.service.js';

const NAME = ApiParam({ name: 'name', description: 'Name of the connector', example: 'crm' });
const UNKNOWN = ApiNotFoundResponse({ description: 'No such connector', type: ProblemDetails });
const INVALID = ApiBadRequestResponse({
  description: 'The settings, the secrets or the mapping are not valid',
  type: ProblemDetails,
});

@AdminController('connectors')
export class ConnectorsController {
  constructor(
    private readonly connectors: Connectors,
    private readonly previews: ConnectorPreviews,
    private readonly deletion: ConnectorDeletion,
  ) {}

  @Get()
  @ApiOperation({ summary: 'List connectors by name' })
  @ApiOkResponse({ description: 'All connectors, without secrets', type: [ConnectorDto] })
  list(): Promise<ConnectorDto[]> {
    return this.connectors.list();
  }

  @Get('systems')
  @ApiOperation({ summary: 'List the systems that connectors can be made for, with their settings' })
  @ApiOkResponse({ description: 'All systems', type: [SystemDto] })
  systems(): SystemDto[] {
    return this.connectors.systems();
  }

  @Post()
  @Requires('admin')
  @ApiOperation({ summary: 'Create a connector', description: 'It is disabled until it is enabled.' })
  @ApiCreatedResponse({ description: 'The connector', type: ConnectorDto })
  @ApiConflictResponse({
    description: 'The name is taken, or no key for secrets is set',
    type: ProblemDetails,
  })
  @INVALID
  create(@Body() body: CreateConnectorDto): Promise<ConnectorDto> {
    return this.connectors.create(body);
  }

  @Get(':name')
  @NAME
  @ApiOperation({ summary: 'One connector, with its state and what waits' })
  @ApiOkResponse({ description: 'The connector, without secrets', type: ConnectorDto })
  @UNKNOWN
  get(@Param('name') name: string): Promise<ConnectorDto> {
    return this.connectors.get(name);
  }

  @Patch(':name')
  @Requires('admin')
  @NAME
  @ApiOperation({
    summary: 'Edit a connector',
    description:
      'A mapping makes a new version. With another address, the stored secrets must be given again. Planhat and Vitally do not say which account a key opens: after a key of another tenant, begin a forced backfill.',
  })
  @ApiOkResponse({ description: 'The connector', type: ConnectorDto })
  @ApiConflictResponse({ description: 'No key for secrets is set', type: ProblemDetails })
  @UNKNOWN
  @INVALID
  edit(@Param('name') name: string, @Body() body: EditConnectorDto): Promise<ConnectorDto> {
    return this.connectors.edit(name, body);
  }

  @Delete(':name')
  @HttpCode(HttpStatus.NO_CONTENT)
  @Requires('admin')
  @NAME
  @ApiOperation({
    summary: 'Delete a connector that is disabled',
    description:
      'Its secrets, mappings and links are removed, and what waits is cancelled. Persons stay in the system: a later erasure cannot reach it. Receipts of erasures stay, and a later connector of the same name repeats no effect.',
  })
  @ApiNoContentResponse({ description: 'It is deleted' })
  @ApiConflictResponse({
    description: 'It is enabled, at work, or in use; `errors` lists why',
    type: ProblemDetails,
  })
  @UNKNOWN
  delete(@Param('name') name: string): Promise<void> {
    return this.deletion.delete(name);
  }

  @Post(':name/enable')
  @HttpCode(HttpStatus.OK)
  @Requires('admin')
  @NAME
  @ApiOperation({
    summary: 'Enable a connector',
    description: 'Facts from now on are delivered. A backfill brings the customers that were there before.',
  })
  @ApiOkResponse({ description: 'The connector', type: ConnectorDto })
  @UNKNOWN
  @INVALID
  enable(@Param('name') name: string): Promise<ConnectorDto> {
    return this.connectors.enable(name);
  }

  @Post(':name/disable')
  @HttpCode(HttpStatus.OK)
  @Requires('admin')
  @NAME
  @ApiOperation({
    summary: 'Disable a connector',
    description:
      'What is queued waits. Facts that happen while it is disabled become deliveries that are `skipped`, which an operator can queue.',
  })
  @ApiOkResponse({ description: 'The connector', type: ConnectorDto })
  @UNKNOWN
  disable(@Param('name') name: string): Promise<ConnectorDto> {
    return this.connectors.disable(name);
  }

  @Post(':name/resume')
  @HttpCode(HttpStatus.OK)
  @NAME
  @ApiOperation({ summary: 'End the pause of a connector', description: 'Its deliveries are tried at once.' })
  @ApiOkResponse({ description: 'The connector', type: ConnectorDto })
  @UNKNOWN
  resume(@Param('name') name: string): Promise<ConnectorDto> {
    return this.connectors.resume(name);
  }

  @Get(':name/health')
  @NAME
  @ApiOperation({ summary: 'Ask the system whether the connector can work' })
  @ApiOkResponse({ description: 'Credential, rights, fields and quota', type: ConnectorHealthDto })
  @UNKNOWN
  health(@Param('name') name: string): Promise<ConnectorHealthDto> {
    return this.previews.health(name);
  }

  @Get(':name/plan/:stripeCustomerId')
  @NAME
  @ApiParam({ name: 'stripeCustomerId', description: "Stripe's id of the customer" })
  @ApiOperation({
    summary: 'Show the exact request for a customer, without sending it',
    description: 'If the system shows its present fields, they are read and compared with the new ones.',
  })
  @ApiOkResponse({ description: 'The request with its secrets masked, or why there is none', type: PlanDto })
  @ApiNotFoundResponse({ description: 'No such connector or customer', type: ProblemDetails })
  plan(@Param('name') name: string, @Param('stripeCustomerId') stripeCustomerId: string): Promise<PlanDto> {
    return this.previews.plan(name, stripeCustomerId);
  }

  @Post(':name/mapping-changes')
  @HttpCode(HttpStatus.OK)
  @NAME
  @ApiOperation({
    summary: 'Show what a mapping would write differently, for the 50 newest customers',
    description: 'Customers without a difference are left out. Nothing is written.',
  })
  @ApiOkResponse({ description: 'Customers with their differences', type: [MappingChangeDto] })
  @UNKNOWN
  @INVALID
  compare(@Param('name') name: string, @Body() { mapping }: MappingDto): Promise<MappingChangeDto[]> {
    return this.previews.compare(name, mapping);
  }
}
