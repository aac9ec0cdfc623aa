import { applyDecorators, Controller, UseGuards } from '@nestjs/common';
import {
  ApiBadRequestResponse,
  ApiBearerAuth,
  ApiServiceUnavailableResponse,
  ApiTags,
  ApiUnauthorizedResponse,
} from '@nestjs/swagger';
import { AdminKeyGuard } from './admin-key.guard.js';
import { ProblemDetails } from './problem-details.filter.js';

/** A controller under `/admin`: needs the admin key, and says so in the API document. */
export function AdminController(path: string, guard: typeof AdminKeyGuard = AdminKeyGuard): ClassDecorator {
  return applyDecorators(
    Controller(`admin/${path}`),
    UseGuards(guard),
    ApiTags(path),
    ApiBearerAuth(),
    ApiBadRequestResponse({ description: 'The request is not valid', type: ProblemDetails }),
    ApiUnauthorizedResponse({ description: 'No or a wrong admin key', type: ProblemDetails }),
    ApiServiceUnavailableResponse({ description: 'The database is not available', type: ProblemDetails }),
  );
}
