import type { OpenAPIObject } from '@nestjs/swagger';

/**
 * Answers of every route that the HTTP server gives before the route runs. Their body is that of every error.
 */
const FOR_ALL_ROUTES = { '414': 'A part of the path is too long' };
const TO_SENDERS = {
  '413': 'The body is too large',
  '415': 'The body has a content type that is not taken',
};

/** Adds the answers of the HTTP server itself to the API document. */
export function withTransportAnswers(document: OpenAPIObject): OpenAPIObject {
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      const answers = {
        ...(path.includes('{') ? FOR_ALL_ROUTES : {}),
        ...(method === 'get' ? {} : TO_SENDERS),
      };
      for (const [status, description] of Object.entries(answers)) {
        operation.responses[status] ??= { description, content: PROBLEM };
      }
    }
  }
  return document;
}

const PROBLEM = { 'application/json': { schema: { $ref: '#/components/schemas/ProblemDetails' } } };
