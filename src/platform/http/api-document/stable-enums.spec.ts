import type { OpenAPIObject } from '@nestjs/swagger';
import { describe, expect, it } from 'vitest';
import { withStableEnums } from './stable-enums.js';

describe('the enumerations of the API document', () => {
  it('are sorted, and the constants that they were made from are not', () => {
    const TARGETS = ['pays', 'churns'];
    const schema = { type: 'string', enum: TARGETS } as const;
    const info = { title: 'MINGUS', version: '1' };
    const document: OpenAPIObject = {
      openapi: '3.0.0',
      info,
      paths: {},
      components: { schemas: { Target: schema } },
    };

    expect(withStableEnums(document).components?.schemas?.Target).toMatchObject({ enum: ['churns', 'pays'] });
    expect(TARGETS).toEqual(['pays', 'churns']);
  });
});
