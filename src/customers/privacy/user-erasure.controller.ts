import { Body, HttpCode, HttpStatus, Param, Post } from '@nestjs/common';
import { ApiNotFoundResponse, ApiOkResponse, ApiOperation, ApiParam } from '@nestjs/swagger';
import { Requires } from '../../platform/access/requires.decorator.js';
import { AdminController } from '../../platform/http/admin-controller.decorator.js';
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
    summary: 'Forget a MINGUS user with all their customers',
    description: 'Also one who has none. Cannot be undone; MINGUS can tell of the user anew.',
  })
  @ApiParam(USER_ID)
  @ApiOkResponse({ description: 'Who was forgotten', type: UserErasureDto })
  @ApiNotFoundResponse({ description: 'No such user', type: ProblemDetails })
  erase(@Param('id') id: string, @Body() { confirm }: EraseDto): Promise<UserErasureDto> {
    return this.erasure.eraseUser(id, confirm);
  }
}
