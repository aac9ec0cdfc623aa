import { describe, expect, it } from 'vitest';
import { scrub } from './scrub.js';

describe('a foreign text', () => {
  it.each([
    ['550 5.1.1 <ada@example.com>: unknown', '550 5.1.1 <[address]>: unknown'],
    ['Key (email)=(ada@example.com) already exists', 'Key (email)=([address]) already exists'],
    ['ada+tag@sub.example.co.uk, "eve@x.de"', '[address], "[address]"'],
    ['jürgen@müller.example;zoë@example.com', '[address];[address]'],
    ['Failed: whsec_AbC123+/= and sk_live_51H8x', 'Failed: whsec_[redacted] and sk_[redacted]'],
    ['rk_test_abc pk_live_def', 'rk_[redacted] pk_[redacted]'],
    ['postgres://postgres:secret@127.0.0.1:5432/mingus', 'postgres://postgres:[address]:5432/mingus'],
  ])('is freed of addresses and secrets: %s', (text, expected) => {
    expect(scrub(text)).toBe(expected);
  });

  it.each([
    'connect ECONNREFUSED 127.0.0.1:5432',
    'a risk_score of 5',
    '@Injectable() at x.ts:5:1',
    'task_1',
  ])('is left alone otherwise: %s', (text) => {
    expect(scrub(text)).toBe(text);
  });
});
