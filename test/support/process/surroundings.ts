import { afterAll, beforeAll } from 'vitest';
import { SmtpSink } from '../mail/smtp-sink.js';
import { TestDatabase } from '../database/test-database.js';

/** What stands around the processes of a file of tests. */
export interface Surroundings {
  readonly database: TestDatabase;
  readonly smtp: SmtpSink;
}

/** A database and a mail server of their own for the tests of a `describe`. */
export function useSurroundings(): Surroundings {
  let database: TestDatabase;
  let smtp: SmtpSink;
  beforeAll(async () => {
    database = await TestDatabase.create();
    smtp = await SmtpSink.start();
  });
  afterAll(async () => {
    await smtp.stop();
    await database.drop();
  });
  return {
    get database() {
      return database;
    },
    get smtp() {
      return smtp;
    },
  };
}
