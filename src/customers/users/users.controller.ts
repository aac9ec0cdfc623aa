import { Body, Get, HttpCode, HttpStatus, Param, Post } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiConflictResponse,
  ApiCreatedResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
} from '@nestjs/swagger';
import { AdminController } from '../../platform/access/admin-controller.decorator.js';
import { ProblemDetails } from '../../platform/http/problem-details.filter.js';
import { CreateUserDto, UserDto } from './user.dto.js';
import { UsersService } from './users.service.js';

const USER_ID = { name: 'id', description: "MINGUS's id of the user", example: 'user-42' };

@AdminController('users')
export class UsersController {
  constructor(private readonly users: UsersService) {}

  @Post()
  @ApiOperation({ summary: 'Create a MINGUS user; customers that wait for it are set up at once' })
  @ApiCreatedResponse({ description: 'The user', type: UserDto })
  @ApiConflictResponse({ description: 'The user exists, or users live in USERS_TABLE', type: ProblemDetails })
  create(@Body() user: CreateUserDto): Promise<UserDto> {
    return this.users.create(user);
  }

  @Get(':id')
  @ApiOperation({ summary: 'One user' })
  @ApiParam(USER_ID)
  @ApiOkResponse({ description: 'The user', type: UserDto })
  @ApiNotFoundResponse({ description: 'No such user', type: ProblemDetails })
  get(@Param('id') id: string): Promise<UserDto> {
    return this.users.get(id);
  }

  @Post(':id/arrived')
  @HttpCode(HttpStatus.ACCEPTED)
  @ApiOperation({
    summary: 'Announce a user that now exists in USERS_TABLE; customers that wait for it are set up at once',
  })
  @ApiParam(USER_ID)
  @ApiAcceptedResponse({ description: 'Announced' })
  @ApiNotFoundResponse({ description: 'No such user', type: ProblemDetails })
  announce(@Param('id') id: string): Promise<void> {
    return this.users.announce(id);
  }
}
