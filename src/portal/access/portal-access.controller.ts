import { Body, Get, HttpCode, HttpStatus, Param, Patch, Post } from '@nestjs/common';
import {
  ApiConflictResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
} from '@nestjs/swagger';
import { AdminController } from '../../platform/access/admin-controller.decorator.js';
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
const CONFLICT = {
  description: 'The access has this state already, or the customer is deleted or has no user',
  type: ProblemDetails,
};

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
  @ApiOperation({ summary: 'Restore a suspended or revoked access' })
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
  @ApiOperation({ summary: 'Suspend the access of a customer; links mailed so far stop working for good' })
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
  @ApiOperation({ summary: 'Revoke the access of a customer; links mailed so far stop working for good' })
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
  @ApiOperation({
    summary: 'Change the permissions of a customer in the billing portal; they apply from the next session',
  })
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
