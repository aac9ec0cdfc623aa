import { Body, Get, HttpCode, HttpStatus, Param, ParseUUIDPipe, Post, Query } from '@nestjs/common';
import {
  ApiConflictResponse,
  ApiCreatedResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
} from '@nestjs/swagger';
import { ManagesKeys, Requires } from '../platform/access/requires.decorator.js';
import { AdminController } from '../platform/access/admin-controller.decorator.js';
import { ProblemDetails } from '../platform/http/problem-details.filter.js';
import {
  ApiKeyDto,
  ApiKeyPageDto,
  ApiKeysQuery,
  CreateApiKeyDto,
  NewApiKeyDto,
  RotateApiKeyDto,
} from './api-key.dto.js';
import { ApiKeys } from './api-keys.service.js';

@ManagesKeys()
@AdminController('api-keys')
export class ApiKeysController {
  constructor(private readonly keys: ApiKeys) {}

  @Get()
  @Requires('admin')
  @ApiOperation({ summary: 'List keys, newest first' })
  @ApiOkResponse({ description: 'A page of keys', type: ApiKeyPageDto })
  list(@Query() query: ApiKeysQuery): Promise<ApiKeyPageDto> {
    return this.keys.list(query);
  }

  @Post()
  @Requires('admin')
  @ApiOperation({ summary: 'Create a key; it is only shown once' })
  @ApiCreatedResponse({ description: 'The key', type: NewApiKeyDto })
  create(@Body() body: CreateApiKeyDto): Promise<NewApiKeyDto> {
    return this.keys.create(body);
  }

  @Post(':id/rotate')
  @Requires('admin')
  @ApiOperation({ summary: 'Rotate a key: create a new one; the old one expires later' })
  @ApiParam({ name: 'id', description: 'Id of the key' })
  @ApiCreatedResponse({ description: 'The new key', type: NewApiKeyDto })
  @ApiNotFoundResponse({ description: 'No such key', type: ProblemDetails })
  @ApiConflictResponse({ description: 'The key was revoked or has expired', type: ProblemDetails })
  rotate(@Param('id', ParseUUIDPipe) id: string, @Body() body: RotateApiKeyDto): Promise<NewApiKeyDto> {
    return this.keys.rotate(id, body.graceSeconds);
  }

  @Post(':id/revoke')
  @Requires('admin')
  @HttpCode(HttpStatus.OK)
  @ApiOperation({ summary: 'Revoke a key; all processes refuse it within five seconds' })
  @ApiParam({ name: 'id', description: 'Id of the key' })
  @ApiOkResponse({ description: 'The key', type: ApiKeyDto })
  @ApiNotFoundResponse({ description: 'No such key', type: ProblemDetails })
  @ApiConflictResponse({ description: 'The key was revoked or has expired', type: ProblemDetails })
  revoke(@Param('id', ParseUUIDPipe) id: string): Promise<ApiKeyDto> {
    return this.keys.revoke(id);
  }
}
