import { applyDecorators, Controller, UseGuards } from '@nestjs/common';
import {
  ApiBadRequestResponse,
  ApiSecurity,
  ApiServiceUnavailableResponse,
  ApiTags,
  ApiTooManyRequestsResponse,
  ApiUnauthorizedResponse,
} from '@nestjs/swagger';
import type { Role } from '../caller.js';
import { ProblemDetails } from '../http/problem-details.filter.js';
import { AccessGuard } from './access.guard.js';
import { declareRoles } from './requires.decorator.js';

/** The security schemes in the API document. */
export const KEY_SCHEMES = { operators: 'bearer', service: 'serviceKey', collector: 'writeKey' } as const;

/** A controller whose routes need a key. The API document shows this. */
export function GuardedController({
  path,
  tag,
  scheme,
  roles,
}: {
  path: string;
  tag: string;
  scheme: keyof typeof KEY_SCHEMES;
  /** The roles for routes without `@Requires`: GET routes, and all others. */
  roles: { reading: Role; acting: Role };
}): ClassDecorator {
  return applyDecorators(
    declareRoles(roles),
    Controller(path),
    UseGuards(AccessGuard),
    ApiTags(tag),
    ApiSecurity(KEY_SCHEMES[scheme]),
    ApiBadRequestResponse({ description: 'The request is not valid', type: ProblemDetails }),
    ApiUnauthorizedResponse({
      description: 'No key, or a wrong, expired or revoked one',
      type: ProblemDetails,
    }),
    ApiTooManyRequestsResponse({ description: 'Too many requests; see Retry-After', type: ProblemDetails }),
    ApiServiceUnavailableResponse({ description: 'The database is not available', type: ProblemDetails }),
  );
}
