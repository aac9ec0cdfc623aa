import { Body, Get, HttpCode, HttpStatus, Param, Post } from '@nestjs/common';
import { ApiAcceptedResponse, ApiConflictResponse, ApiNotFoundResponse, ApiOperation } from '@nestjs/swagger';
import { AdminController } from '../../platform/http/admin-controller.decorator.js';
import { ProblemDetails } from '../../platform/http/problem-details.filter.js';
import { CreateUserDto, UserDto } from './user.dto.js';
import { UsersService } from './users.service.js';

@AdminController('users')
export class UsersController {
  constructor(private readonly users: UsersService) {}

  @Post()
  @ApiOperation({ summary: 'Create a MINGUS user; customers that wait for it are set up at once' })
  @ApiConflictResponse({ description: 'The user exists, or users live in USERS_TABLE', type: ProblemDetails })
  create(@Body() user: CreateUserDto): Promise<UserDto> {
    return this.users.create(user);
  }

  @Get(':id')
  @ApiOperation({ summary: 'One user' })
  @ApiNotFoundResponse({ type: ProblemDetails })
  get(@Param('id') id: string): Promise<UserDto> {
    return this.users.get(id);
  }

  @Post(':id/arrived')
  @HttpCode(HttpStatus.ACCEPTED)
  @ApiOperation({
    summary: 'Announce a user that is in USERS_TABLE now; customers that wait for it are set up at once',
  })
  @ApiAcceptedResponse({ description: 'Announced' })
  @ApiNotFoundResponse({ type: ProblemDetails })
  announce(@Param('id') id: string): Promise<void> {
    return this.users.announce(id);
  }
}
