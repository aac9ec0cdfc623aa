import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

interface Described {
  description?: string;
}
interface Operation {
  summary?: string;
  parameters?: (Described & { name: string })[];
  responses: Record<string, Described>;
}

const document = JSON.parse(readFileSync('openapi.json', 'utf8')) as {
  paths: Record<string, Record<string, Operation>>;
};
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    name: `${method.toUpperCase()} ${path}`,
    operation,
  })),
);

describe('the API document', () => {
  it.each(operations)('describes $name with every parameter and answer', ({ operation }) => {
    const silent = [
      ...(operation.summary ? [] : ['summary']),
      ...(operation.parameters ?? []).filter(({ description }) => !description).map(({ name }) => name),
      ...Object.entries(operation.responses)
        .filter(([, { description }]) => !description)
        .map(([status]) => status),
    ];
    expect(silent).toEqual([]);
  });

  it('declares the key on every admin and service route, and on no other', () => {
    const guarded = operations.filter(({ operation }) => 'security' in operation).map(({ name }) => name);
    expect(guarded).toEqual(
      operations.map(({ name }) => name).filter((name) => / \/(admin|users)\//.test(name)),
    );
  });
});
