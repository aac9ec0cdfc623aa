interface Schema {
  $ref?: string;
  type?: string;
  default?: unknown;
  enum?: unknown[];
  minimum?: number;
  allOf?: Schema[];
  oneOf?: Schema[];
  required?: string[];
  properties?: Record<string, Schema>;
}

interface Operation {
  parameters?: { name: string; in: string; required?: boolean; schema: Schema }[];
  requestBody?: { required?: boolean; content: Record<string, { schema: Schema }> };
}

/** The parts of an API document that calls depend on. */
export interface ApiDocument {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
}

/** A statement for each route that calls it through openapi-fetch, with its required parameters only. */
export function callsOfEachRoute(document: ApiDocument): string[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => {
      const request = requestOf(operation, document);
      const init = Object.keys(request).length > 0 ? `, ${JSON.stringify(request)}` : '';
      return `await client.${method.toUpperCase()}('${path}'${init});`;
    }),
  );
}

function requestOf({ parameters = [], requestBody }: Operation, document: ApiDocument) {
  const params: Record<string, Record<string, unknown>> = {};
  for (const { name, in: place, required, schema } of parameters)
    if (required && !('default' in schema)) (params[place] ??= {})[name] = valueOf(schema, document);
  const content = requestBody?.required ? Object.values(requestBody.content)[0] : undefined;
  return {
    ...(Object.keys(params).length > 0 ? { params } : {}),
    ...(content ? { body: valueOf(content.schema, document) } : {}),
  };
}

/** A value of the schema's type. */
function valueOf(schema: Schema, document: ApiDocument): unknown {
  const { $ref, allOf, oneOf, enum: values, type, properties = {}, required = [] } = schema;
  if ($ref) return valueOf(document.components.schemas[$ref.split('/').at(-1) ?? ''] ?? {}, document);
  if (allOf) return Object.assign({}, ...allOf.map((part) => valueOf(part, document)));
  if (oneOf?.[0]) return valueOf(oneOf[0], document);
  if (values) return values[0];
  if (type === 'array') return [];
  if (type === 'boolean') return true;
  if (type === 'number' || type === 'integer') return schema.minimum ?? 1;
  if (type === 'string') return 'text';
  const needed = required.filter((name) => !('default' in (properties[name] ?? {})));
  return Object.fromEntries(needed.map((name) => [name, valueOf(properties[name] ?? {}, document)]));
}
