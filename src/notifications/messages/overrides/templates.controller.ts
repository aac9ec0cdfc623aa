import { Body, Delete, Get, HttpCode, HttpStatus, Param, Post, Put, Query } from '@nestjs/common';
import {
  ApiNoContentResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiUnprocessableEntityResponse,
} from '@nestjs/swagger';
import { LANGUAGES } from '../../../platform/i18n/languages.js';
import { AdminController } from '../../../platform/access/admin-controller.decorator.js';
import { ProblemDetails } from '../../../platform/http/problem-details.filter.js';
import { NOTIFICATION_KINDS } from '../../notification-kind.js';
import { ContentTemplate } from '../content/content-template.js';
import { MessageComposer } from '../message-composer.service.js';
import type { MessageContent } from '../content/message-content.js';
import { SAMPLE_CUSTOMERS, SAMPLE_NAMES } from '../sample-customers.js';
import { TEXT_FIELDS } from './content-check.js';
import { ContentRehearsal } from './content-rehearsal.service.js';
import {
  ContentDto,
  RenderedMessageDto,
  RollbackDto,
  SampleQuery,
  TemplateContentDto,
  TemplateListDto,
  TemplateParams,
  TemplateVersionDto,
} from './template.dto.js';
import { TemplateOverrides } from './template-overrides.service.js';

const INVALID = {
  description: 'The content cannot be sent: `errors` lists every problem with its code and place',
  type: ProblemDetails,
};

@AdminController('templates')
export class TemplatesController {
  constructor(
    private readonly overrides: TemplateOverrides,
    private readonly composer: MessageComposer,
    private readonly rehearsal: ContentRehearsal,
  ) {}

  @Get()
  @ApiOperation({
    summary: 'List all messages with their active versions, and the fields that texts may use',
  })
  @ApiOkResponse({ description: 'The templates', type: TemplateListDto })
  async list(): Promise<TemplateListDto> {
    const active = await this.overrides.listActive();
    const templates = NOTIFICATION_KINDS.flatMap((kind) =>
      LANGUAGES.map((language) => ({
        kind,
        language,
        activeVersion: active.find((row) => row.kind === kind && row.language === language)?.version ?? null,
        preview: `/admin/templates/${kind}/preview?locale=${language}`,
      })),
    );
    return { templates, fields: TEXT_FIELDS, sampleCustomers: SAMPLE_NAMES };
  }

  @Get(':kind/:language')
  @ApiOperation({ summary: 'The present content of a message' })
  @ApiOkResponse({ description: 'The active content', type: TemplateContentDto })
  async get(@Param() { kind, language }: TemplateParams): Promise<TemplateContentDto> {
    const versions = await this.overrides.listVersions({ kind, language });
    const active = versions.find((version) => version.active);
    const { subject, preheader, blocks } = active ?? this.composer.builtInFor(kind, language).content;
    return { activeVersion: active?.version ?? null, subject, preheader, blocks };
  }

  @Get(':kind/:language/versions')
  @ApiOperation({ summary: 'List the saved versions of a message, newest first' })
  @ApiOkResponse({ description: 'The versions', type: [TemplateVersionDto] })
  listVersions(@Param() template: TemplateParams): Promise<TemplateVersionDto[]> {
    return this.overrides.listVersions(template);
  }

  @Post(':kind/:language/preview')
  @HttpCode(HttpStatus.OK)
  @ApiOperation({ summary: 'Render content for a sample customer without saving it' })
  @ApiOkResponse({ description: 'The message', type: RenderedMessageDto })
  @ApiUnprocessableEntityResponse(INVALID)
  preview(
    @Param() template: TemplateParams,
    @Query() { customer }: SampleQuery,
    @Body() body: ContentDto,
  ): RenderedMessageDto {
    const content = body as MessageContent;
    this.rehearsal.rehearse(template, content);
    const recipient = { ...SAMPLE_CUSTOMERS[customer], locale: template.language };
    return this.composer.compose(new ContentTemplate(content), recipient);
  }

  @Put(':kind/:language')
  @ApiOperation({ summary: 'Save a new version of a message; it is active within ten seconds' })
  @ApiOkResponse({ description: 'The new version', type: TemplateVersionDto })
  @ApiUnprocessableEntityResponse(INVALID)
  save(@Param() template: TemplateParams, @Body() content: ContentDto): Promise<TemplateVersionDto> {
    return this.overrides.save(template, content as MessageContent);
  }

  @Post(':kind/:language/rollback')
  @HttpCode(HttpStatus.OK)
  @ApiOperation({ summary: 'Activate an earlier version' })
  @ApiOkResponse({ description: 'The active version', type: TemplateVersionDto })
  @ApiNotFoundResponse({ description: 'No such version', type: ProblemDetails })
  @ApiUnprocessableEntityResponse(INVALID)
  rollBack(@Param() template: TemplateParams, @Body() { version }: RollbackDto): Promise<TemplateVersionDto> {
    return this.overrides.rollBack(template, version);
  }

  @Delete(':kind/:language')
  @HttpCode(HttpStatus.NO_CONTENT)
  @ApiOperation({ summary: 'Return to the built-in content; the versions are kept' })
  @ApiNoContentResponse({ description: 'The built-in content is active' })
  reset(@Param() template: TemplateParams): Promise<void> {
    return this.overrides.reset(template);
  }
}
