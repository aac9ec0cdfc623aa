import { QueryFailedError } from 'typeorm';
import { describe, expect, it } from 'vitest';
import { databaseFaultOf } from './database-fault.js';
import { sqlStateOf } from '../sql-state.js';

const withCode = (code: unknown) => Object.assign(new Error('x'), { code });

describe('a fault of a transaction is', () => {
  it.each([
    ['a serialisation failure', '40001'],
    ['a deadlock', '40P01'],
    ['a unique violation', '23505'],
  ])('a conflict, to be run again: %s', (_, state) => {
    expect(databaseFaultOf(withCode(state))).toBe('conflict');
  });

  it.each([
    ['text that cannot be converted', '22P02'],
    ['a character that cannot be stored', '22P05'],
    ['a number out of range', '22003'],
    ['a missing value', '23502'],
    ['a missing parent', '23503'],
    ['a violated check', '23514'],
    ['JSON nested too deeply', '54001'],
    ['an index row too large', '54000'],
  ])('in the data, and will stay: %s', (_, state) => {
    expect(databaseFaultOf(withCode(state))).toBe('data');
  });

  it.each([
    ['a lost connection', '08006'],
    ['a shutdown', '57P01'],
    ['a start that takes time', '57P03'],
    ['a statement timeout', '57014'],
    ['a lock timeout', '55P03'],
    ['an idle transaction cut', '25P03'],
    ['a read-only server', '25006'],
    ['too many connections', '53300'],
    ['a full disk', '53100'],
    ['a missing table', '42P01'],
    ['a refused permission', '42501'],
  ])('unavailable, its outcome unknown: %s', (_, state) => {
    expect(databaseFaultOf(withCode(state))).toBe('unavailable');
  });

  it.each([
    ['a connection that ended', new Error('Connection terminated unexpectedly')],
    ['a query that timed out here', new Error('Query read timeout')],
    ['a refused connection', withCode('ECONNREFUSED')],
    ['a broken pipe', withCode('EPIPE')],
    ['an exception of ours', new TypeError('x is not a function')],
    ['null', null],
    ['undefined', undefined],
    ['a text', '40001'],
  ])('unavailable without a SQLSTATE: %s', (_, error) => {
    expect(databaseFaultOf(error)).toBe('unavailable');
  });
});

describe('the SQLSTATE', () => {
  it("is found on pg's errors and on TypeORM's", () => {
    expect(sqlStateOf(withCode('40001'))).toBe('40001');
    expect(sqlStateOf(new QueryFailedError('select 1', [], withCode('40001')))).toBe('40001');
  });

  it.each(['EPIPE', 'EAUTH', 'EPERM', 'ECONNRESET', '4000', '40001x', '4000a', 40_001, undefined])(
    'is not seen in another code: %j',
    (code) => {
      expect(sqlStateOf(withCode(code))).toBeUndefined();
    },
  );
});
