import type { OpenAPIObject } from '@nestjs/swagger';

interface Schema {
  $ref?: string;
  default?: unknown;
  description?: string;
  required?: string[];
  properties?: Record<string, Schema>;
}

/** Marks properties with a default as optional in requests, because the compiler marks them as required. */
export function withOptionalInputs(document: OpenAPIObject): OpenAPIObject {
  const schemas = (document.components?.schemas ?? {}) as Record<string, Schema>;
  for (const schema of Object.values(schemas)) releaseDefaults(schema);
  for (const operation of Object.values(document.paths).flatMap((methods) => Object.values(methods))) {
    for (const parameter of operation.parameters ?? []) {
      if (parameter.schema && 'default' in parameter.schema) parameter.required = false;
    }
    const body = operation.requestBody;
    const name = body?.content?.['application/json']?.schema?.$ref?.split('/').at(-1);
    if (name && !schemas[name]?.required) body.required = false;
  }
  return document;
}

/**
 * Moves the default of a property into its description, because openapi-typescript treats a property with a
 * `default` as always present, also in requests.
 */
function releaseDefaults(schema: Schema): void {
  const properties = Object.entries(schema.properties ?? {}).filter(([, property]) => 'default' in property);
  for (const [name, property] of properties) {
    property.description =
      `${property.description ?? ''} Default: \`${JSON.stringify(property.default)}\`.`.trim();
    delete property.default;
    schema.required = schema.required?.filter((required) => required !== name);
  }
  if (schema.required?.length === 0) delete schema.required;
}
