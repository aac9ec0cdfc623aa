import { applyDecorators, Controller, HttpCode, HttpStatus, Post, UseFilters } from '@nestjs/common';
import { ApiConsumes, ApiProduces, ApiResponse, ApiTags } from '@nestjs/swagger';
import { TakesForm } from '../http/fastify-adapter.js';
import { PageErrorFilter } from './page-error.filter.js';

/** A controller that answers with pages for people, also for errors. */
export function PageController(path: string, tag: string): ClassDecorator {
  return applyDecorators(
    Controller(path),
    UseFilters(PageErrorFilter),
    ApiTags(tag),
    ApiProduces('text/html'),
    PageResponse(503, 'The database is not available'),
  );
}

/** A route for a form, in either encoding. */
export function PostForm(path = ''): MethodDecorator {
  return applyDecorators(
    Post(path),
    HttpCode(HttpStatus.OK),
    TakesForm(),
    ApiConsumes('application/x-www-form-urlencoded', 'multipart/form-data'),
    PageResponse(413, 'The form is too large'),
    PageResponse(415, 'Not a form'),
  );
}

/** Declares the page of a route in the API document. */
export function PageResponse(status: number, description: string): ClassDecorator & MethodDecorator {
  return ApiResponse({ status, description });
}

/** Declares the token of a link in a message, for the API document. */
export const MAILED_TOKEN = { name: 'token', description: 'The token of the link, as mailed' };
