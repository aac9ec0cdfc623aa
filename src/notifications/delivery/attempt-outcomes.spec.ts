import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ATTEMPT_OUTCOMES } from './attempt-outcomes.js';

const DOCUMENT = new URL('../../../docs/architecture.md', import.meta.url);

/** The rows of the table in the document: outcome, when, message, channel, address. */
function documented(): string[][] {
  const rows = readFileSync(DOCUMENT, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.split('|').map((cell) => cell.trim().replaceAll('`', '')));
  return rows.flatMap(([, outcome = '', , ...rest]) =>
    outcome in ATTEMPT_OUTCOMES ? [[outcome, ...rest.slice(0, 3)]] : [],
  );
}

describe('the consequences of an attempt', () => {
  it('are the table of docs/architecture.md', () => {
    const rules = Object.entries(ATTEMPT_OUTCOMES).map(([outcome, { message, channel, address }]) => [
      outcome,
      message,
      channel,
      address,
    ]);
    expect(documented()).toEqual(rules);
  });
});
