import type { OpenAPIObject } from '@nestjs/swagger';
import { KEY_SCHEMES } from '../../access/guarded-controller.js';

/**
 * States the required role of each route in its description, and `security: []` for routes without a key.
 * @param guardedPaths paths that are public by default and need a viewer's key if configured
 */
export function withStatedAccess(document: OpenAPIObject, guardedPaths: readonly string[]): OpenAPIObject {
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const operation of Object.values(methods)) {
      if (!operation.security && guardedPaths.includes(path)) {
        operation.security = [{ [KEY_SCHEMES.operators]: [] }];
        operation['x-required-role'] = 'viewer';
      }
      operation.security ??= [];
      const role = operation['x-required-role'] as string | undefined;
      const access = role ? `Needs a key with the role \`${role}\`${ABOVE[role] ?? ''}.` : 'Needs no key.';
      operation.description = operation.description ? `${operation.description}\n\n${access}` : access;
    }
  }
  return document;
}

const ABOVE: Readonly<Record<string, string>> = {
  viewer: ', `operator` or `admin`',
  operator: ' or `admin`',
};
