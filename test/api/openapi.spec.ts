import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

interface Described {
  description?: string;
}
interface Operation {
  summary?: string;
  description?: string;
  tags?: string[];
  security?: object[];
  'x-required-role'?: string;
  parameters?: (Described & { name: string; required?: boolean; schema: object })[];
  requestBody?: { required?: boolean };
  responses: Record<string, Described>;
}

const document = JSON.parse(readFileSync('openapi.json', 'utf8')) as {
  servers: { url: string }[];
  tags: (Described & { name: string })[];
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, { required?: string[] }> };
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

  it('declares the key on every admin and service route, and no key on all others', () => {
    const guarded = operations.filter(({ operation }) => operation.security?.length !== 0);
    expect(guarded.map(({ name }) => name)).toEqual(
      operations.map(({ name }) => name).filter((name) => / \/(admin|users|v1)\//.test(name)),
    );
  });

  it.each(operations)('names the required role in the description of $name', ({ operation }) => {
    const role = operation['x-required-role'];
    expect(operation.description).toContain(role ? `Needs a key with the role \`${role}\`` : 'Needs no key');
  });

  it('requires no parameter that has a default', () => {
    const required = operations.flatMap(({ name, operation }) =>
      (operation.parameters ?? [])
        .filter((parameter) => 'default' in parameter.schema && parameter.required)
        .map((parameter) => `${name} ${parameter.name}`),
    );
    expect(required).toEqual([]);
  });

  it('requires no optional body or property', () => {
    const { ResendNotificationDto, StartReplayDto } = document.components.schemas;
    expect(ResendNotificationDto?.required).toBeUndefined();
    expect(StartReplayDto?.required).toEqual(['filter']);
    const resend = document.paths['/admin/notifications/{id}/resend']?.post;
    expect(resend?.requestBody?.required).toBe(false);
  });

  it('describes each tag once, and uses all of them and no others', () => {
    const described = document.tags.filter(({ description }) => description).map(({ name }) => name);
    const used = new Set(operations.flatMap(({ operation }) => operation.tags ?? []));
    expect(described.toSorted()).toEqual([...used].toSorted());
    expect(described[0]).toBe('webhooks');
  });

  it('names a server', () => {
    expect(document.servers.map(({ url }) => url)).toEqual(['/']);
  });
});
