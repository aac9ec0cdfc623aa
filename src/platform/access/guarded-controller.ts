import { applyDecorators, Controller, UseGuards } from '@nestjs/common';
import {
  ApiBadRequestResponse,
  ApiBearerAuth,
  ApiServiceUnavailableResponse,
  ApiTags,
  ApiTooManyRequestsResponse,
  ApiUnauthorizedResponse,
} from '@nestjs/swagger';
import type { Role } from './caller.js';
import { ProblemDetails } from '../http/problem-details.filter.js';
import { AccessGuard } from './access.guard.js';
import { declareRoles } from './requires.decorator.js';

/** The schemes of keys in the API document. */
export const KEY_SCHEMES = { operators: 'bearer', service: 'serviceKey' } as const;

/** A controller whose routes need a key, and say so in the API document. */
export function GuardedController({
  path,
  tag,
  scheme,
  roles,
}: {
  path: string;
  tag: string;
  scheme: keyof typeof KEY_SCHEMES;
  /** Of routes without `@Requires`: those that read (GET), and those that act. */
  roles: { reading: Role; acting: Role };
}): ClassDecorator {
  return applyDecorators(
    declareRoles(roles),
    Controller(path),
    UseGuards(AccessGuard),
    ApiTags(tag),
    ApiBearerAuth(KEY_SCHEMES[scheme]),
    ApiBadRequestResponse({ description: 'The request is not valid', type: ProblemDetails }),
    ApiUnauthorizedResponse({
      description: 'No key, or a wrong, expired or revoked one',
      type: ProblemDetails,
    }),
    ApiTooManyRequestsResponse({ description: 'Too many requests; see Retry-After', type: ProblemDetails }),
    ApiServiceUnavailableResponse({ description: 'The database is not available', type: ProblemDetails }),
  );
}
