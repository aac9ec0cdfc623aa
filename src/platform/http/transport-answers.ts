import type { OpenAPIObject } from '@nestjs/swagger';

/** What every route may answer before it is asked; the body is that of every error. */
const TO_ANYBODY = { '414': 'A part of the path is too long' };
const TO_SENDERS = {
  '413': 'The body is too large',
  '415': 'The body has a content type that is not taken',
};

/** Adds to the API document what the HTTP server answers by itself. */
export function withTransportAnswers(document: OpenAPIObject): OpenAPIObject {
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      const answers = {
        ...(path.includes('{') ? TO_ANYBODY : {}),
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
