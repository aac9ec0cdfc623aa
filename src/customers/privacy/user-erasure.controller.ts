import { Body, HttpCode, HttpStatus, Param, Post } from '@nestjs/common';
import { ApiNotFoundResponse, ApiOkResponse, ApiOperation, ApiParam } from '@nestjs/swagger';
import { Requires } from '../../platform/access/requires.decorator.js';
import { AdminController } from '../../platform/access/admin-controller.decorator.js';
import { ProblemDetails } from '../../platform/http/problem-details.filter.js';
import { EraseDto, UserErasureDto } from './erasure.dto.js';
import { Erasure } from './erasure.service.js';

const USER_ID = { name: 'id', description: "MINGUS's id of the user", example: 'user-42' };

@AdminController('users')
export class UserErasureController {
  constructor(private readonly erasure: Erasure) {}

  @Post(':id/erase')
  @Requires('admin')
  @HttpCode(HttpStatus.OK)
  @ApiOperation({
    summary: 'Erase a MINGUS user with all their customers',
    description: 'Works without customers as well. It cannot be undone. MINGUS can register the user again.',
  })
  @ApiParam(USER_ID)
  @ApiOkResponse({ description: 'The erased user and customers', type: UserErasureDto })
  @ApiNotFoundResponse({ description: 'No such user', type: ProblemDetails })
  erase(@Param('id') id: string, @Body() { confirm }: EraseDto): Promise<UserErasureDto> {
    return this.erasure.eraseUser(id, confirm);
  }
}
