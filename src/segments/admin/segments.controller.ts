import { Body, Delete, Get, HttpCode, HttpStatus, Param, Patch, Post, Query } from '@nestjs/common';
import {
  ApiConflictResponse,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiUnprocessableEntityResponse,
} from '@nestjs/swagger';
import { AdminController } from '../../platform/access/admin-controller.decorator.js';
import { Requires } from '../../platform/access/requires.decorator.js';
import { ProblemDetails } from '../../platform/http/problem-details.filter.js';
import { SegmentMembers } from './segment-members.service.js';
import {
  DefineSegmentDto,
  EditSegmentDto,
  MembershipDto,
  MembersQuery,
  RuleDto,
  SegmentDto,
  SegmentMemberPageDto,
  SegmentPreviewDto,
} from './segment.dto.js';
import { Segments } from './segments.service.js';

const NAME = ApiParam({ name: 'name', description: 'Name of the segment', example: 'trialists' });
const UNKNOWN = ApiNotFoundResponse({ description: 'No such segment', type: ProblemDetails });

@AdminController('segments')
export class SegmentsController {
  constructor(
    private readonly segments: Segments,
    private readonly members: SegmentMembers,
  ) {}

  @Get()
  @ApiOperation({ summary: 'List segments by name' })
  @ApiOkResponse({ description: 'All segments', type: [SegmentDto] })
  list(): Promise<SegmentDto[]> {
    return this.segments.list();
  }

  @Post()
  @ApiOperation({
    summary: 'Define a segment',
    description: 'Its first version is `filling` until all customers are decided, and serves then.',
  })
  @ApiCreatedResponse({ description: 'The segment', type: SegmentDto })
  @ApiConflictResponse({
    description: 'The name is taken, or there are too many segments or conditions',
    type: ProblemDetails,
  })
  define(@Body() body: DefineSegmentDto): Promise<SegmentDto> {
    return this.segments.define(body);
  }

  @Post('preview')
  @HttpCode(HttpStatus.OK)
  @Requires('viewer')
  @ApiOperation({ summary: 'Count the customers that a rule would make members now, and show some of them' })
  @ApiOkResponse({ description: 'The count and a sample', type: SegmentPreviewDto })
  @ApiUnprocessableEntityResponse({ description: 'It took too long', type: ProblemDetails })
  preview(@Body() { rule }: RuleDto): Promise<SegmentPreviewDto> {
    return this.members.preview(rule);
  }

  @Get(':name')
  @NAME
  @ApiOperation({ summary: 'One segment with its versions' })
  @ApiOkResponse({ description: 'The segment', type: SegmentDto })
  @UNKNOWN
  get(@Param('name') name: string): Promise<SegmentDto> {
    return this.segments.get(name);
  }

  @Patch(':name')
  @NAME
  @ApiOperation({
    summary: 'Edit a segment',
    description: 'A rule makes a new version. The old version serves until the new one is filled.',
  })
  @ApiOkResponse({ description: 'The segment', type: SegmentDto })
  @UNKNOWN
  @ApiConflictResponse({
    description: 'All segments together have too many conditions',
    type: ProblemDetails,
  })
  edit(@Param('name') name: string, @Body() body: EditSegmentDto): Promise<SegmentDto> {
    return this.segments.edit(name, body);
  }

  @Delete(':name')
  @HttpCode(HttpStatus.NO_CONTENT)
  @NAME
  @ApiOperation({ summary: 'Delete a segment' })
  @ApiNoContentResponse({ description: 'It is deleted' })
  @UNKNOWN
  @ApiConflictResponse({ description: 'It is in use; `errors` lists by what', type: ProblemDetails })
  delete(@Param('name') name: string): Promise<void> {
    return this.segments.delete(name);
  }

  @Get(':name/members')
  @NAME
  @ApiOperation({
    summary: 'List the members, newest customers first, also as of another time',
    description:
      'The list follows a change within a second. `at` asks what was true at a time, by the version that served then; `knownAt` asks what this service knew at a time.',
  })
  @ApiOkResponse({ description: 'A page of members', type: SegmentMemberPageDto })
  @UNKNOWN
  listMembers(@Param('name') name: string, @Query() query: MembersQuery): Promise<SegmentMemberPageDto> {
    return this.members.list(name, query);
  }

  @Get(':name/customers/:stripeCustomerId')
  @NAME
  @ApiParam({ name: 'stripeCustomerId', description: "Stripe's id of the customer" })
  @ApiOperation({ summary: 'Explain why a customer is in a segment, or is not' })
  @ApiOkResponse({
    description: 'The membership with its cause, and the rule with what was seen',
    type: MembershipDto,
  })
  @ApiNotFoundResponse({ description: 'No such segment or customer', type: ProblemDetails })
  explain(
    @Param('name') name: string,
    @Param('stripeCustomerId') stripeCustomerId: string,
  ): Promise<MembershipDto> {
    return this.members.explain(name, stripeCustomerId);
  }
}
