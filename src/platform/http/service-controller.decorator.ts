import { applyDecorators, Controller, UseGuards } from '@nestjs/common';
import {
  ApiBadRequestResponse,
  ApiBearerAuth,
  ApiServiceUnavailableResponse,
  ApiTags,
  ApiUnauthorizedResponse,
} from '@nestjs/swagger';
import { ProblemDetails } from './problem-details.filter.js';
import { ServiceKeyGuard } from './service-key.guard.js';

/** The name of the service key's scheme in the API document. */
export const SERVICE_KEY = 'serviceKey';

/** A controller for MINGUS itself, about one of its users: needs the service key, and says so in the API document. */
export function ServiceController(path: string): ClassDecorator {
  return applyDecorators(
    Controller(path),
    UseGuards(ServiceKeyGuard),
    ApiTags('service'),
    ApiBearerAuth(SERVICE_KEY),
    ApiBadRequestResponse({ description: 'The request is not valid', type: ProblemDetails }),
    ApiUnauthorizedResponse({ description: 'No or a wrong service key', type: ProblemDetails }),
    ApiServiceUnavailableResponse({ description: 'The database is not available', type: ProblemDetails }),
  );
}
