import type { ValueTransformer } from 'typeorm';

/** pg returns `bigint` as text; the amounts and counts kept here are safe integers. */
export const bigintTransformer: ValueTransformer = {
  to: (value: number | null) => value,
  from: (value: string | null) => (value === null ? null : Number(value)),
};
