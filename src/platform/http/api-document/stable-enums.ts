import type { OpenAPIObject } from '@nestjs/swagger';

/**
 * Sorts the enumerations of the API document, because the compiler lists their values in the order in which
 * it finds them. The lists themselves stay as they are: a document may hold constants of the application.
 */
export function withStableEnums(document: OpenAPIObject): OpenAPIObject {
  sortEnums(document);
  return document;
}

function sortEnums(part: unknown): void {
  if (typeof part !== 'object' || part === null) return;
  for (const [name, value] of Object.entries(part)) {
    if (name === 'enum' && Array.isArray(value)) Object.assign(part, { enum: value.toSorted() });
    else sortEnums(value);
  }
}
