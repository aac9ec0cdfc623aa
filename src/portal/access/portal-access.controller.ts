import { Body, Get, HttpCode, HttpStatus, Param, Patch, Post } from '@nestjs/common';
import {
  ApiConflictResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
} from '@nestjs/swagger';
import { AdminController } from '../../platform/http/admin-controller.decorator.js';
import { ProblemDetails } from '../../platform/http/problem-details.filter.js';
import {
  ChangePortalPermissionsDto,
  PortalAccessReasonDto,
  PortalAccessStateDto,
} from './portal-access.dto.js';
import { PortalAccessService } from './portal-access.service.js';

const CUSTOMER_ID = {
  name: 'stripeCustomerId',
  description: "Stripe's id of the customer",
  example: 'cus_NffrFeUfNV2Hib',
};
const ACCESS = { description: 'The access as it is now', type: PortalAccessStateDto };
const NOT_FOUND = { description: 'No such customer', type: ProblemDetails };
const CONFLICT = { description: 'It is so already, or the customer is deleted', type: ProblemDetails };

@AdminController('customers')
export class PortalAccessController {
  constructor(private readonly accesses: PortalAccessService) {}

  @Get(':stripeCustomerId/portal-access')
  @ApiOperation({ summary: "One customer's access to the billing portal" })
  @ApiParam(CUSTOMER_ID)
  @ApiOkResponse(ACCESS)
  @ApiNotFoundResponse(NOT_FOUND)
  get(@Param('stripeCustomerId') stripeCustomerId: string): Promise<PortalAccessStateDto> {
    return this.accesses.get(stripeCustomerId);
  }

  @Post(':stripeCustomerId/portal-access/grant')
  @HttpCode(HttpStatus.OK)
  @ApiOperation({ summary: 'Let a customer in who is suspended or whose access was revoked' })
  @ApiParam(CUSTOMER_ID)
  @ApiOkResponse(ACCESS)
  @ApiNotFoundResponse(NOT_FOUND)
  @ApiConflictResponse(CONFLICT)
  grant(
    @Param('stripeCustomerId') stripeCustomerId: string,
    @Body() { reason }: PortalAccessReasonDto,
  ): Promise<PortalAccessStateDto> {
    return this.accesses.setStatus(stripeCustomerId, 'active', reason);
  }

  @Post(':stripeCustomerId/portal-access/suspend')
  @HttpCode(HttpStatus.OK)
  @ApiOperation({ summary: 'Keep a customer out for a while; links mailed so far are dead for good' })
  @ApiParam(CUSTOMER_ID)
  @ApiOkResponse(ACCESS)
  @ApiNotFoundResponse(NOT_FOUND)
  @ApiConflictResponse(CONFLICT)
  suspend(
    @Param('stripeCustomerId') stripeCustomerId: string,
    @Body() { reason }: PortalAccessReasonDto,
  ): Promise<PortalAccessStateDto> {
    return this.accesses.setStatus(stripeCustomerId, 'suspended', reason);
  }

  @Post(':stripeCustomerId/portal-access/revoke')
  @HttpCode(HttpStatus.OK)
  @ApiOperation({ summary: "End a customer's access; links mailed so far are dead for good" })
  @ApiParam(CUSTOMER_ID)
  @ApiOkResponse(ACCESS)
  @ApiNotFoundResponse(NOT_FOUND)
  @ApiConflictResponse(CONFLICT)
  revoke(
    @Param('stripeCustomerId') stripeCustomerId: string,
    @Body() { reason }: PortalAccessReasonDto,
  ): Promise<PortalAccessStateDto> {
    return this.accesses.setStatus(stripeCustomerId, 'revoked', reason);
  }

  @Patch(':stripeCustomerId/portal-access/permissions')
  @ApiOperation({ summary: 'Change what a customer may do in the billing portal, from the next session on' })
  @ApiParam(CUSTOMER_ID)
  @ApiOkResponse(ACCESS)
  @ApiNotFoundResponse(NOT_FOUND)
  @ApiConflictResponse(CONFLICT)
  changePermissions(
    @Param('stripeCustomerId') stripeCustomerId: string,
    @Body() { reason, ...permissions }: ChangePortalPermissionsDto,
  ): Promise<PortalAccessStateDto> {
    return this.accesses.setPermissions(stripeCustomerId, permissions, reason);
  }
}
