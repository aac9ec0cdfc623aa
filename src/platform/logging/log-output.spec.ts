import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { LogOutput } from './log-output.js';

const LINE = `${'x'.repeat(1023)}\n`;
/** Lines that may wait. */
const ROOM = 1024;

function open(path: string): LogOutput {
  const fd = openSync(path, 'a');
  onTestFinished(() => closeSync(fd));
  return new LogOutput(fd);
}

function aFile(): string {
  const directory = mkdtempSync(join(tmpdir(), 'mingus-log-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  return join(directory, 'log');
}

describe('the log output', () => {
  it('gathers lines and writes them in order', () => {
    const path = aFile();
    const output = open(path);

    output.write('first\n');
    expect(readFileSync(path, 'utf8')).toBe('');
    for (let i = 0; i < 4; i += 1) output.write(LINE);
    output.write('last\n');
    output.flushSync();

    expect(readFileSync(path, 'utf8')).toBe(`first\n${LINE.repeat(4)}last\n`);
    expect(output.lostLines).toBe(0);
  });

  it('keeps a megabyte that is not taken, and counts what comes beyond it', () => {
    const output = open('/dev/full');

    for (let i = 0; i < ROOM; i += 1) output.write(LINE);
    output.flushSync();
    expect(output.lostLines).toBe(0);
    output.write(LINE);
    output.write('short\n');

    expect(output.lostLines).toBe(2);
  });
});
