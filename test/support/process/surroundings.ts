import { afterAll, beforeAll } from 'vitest';
import { SmtpSink } from '../mail/smtp-sink.js';
import { TestDatabase } from '../database/test-database.js';

/** The database and mail server of a test file's processes. */
export interface Surroundings {
  readonly database: TestDatabase;
  readonly smtp: SmtpSink;
}

/**
 * A database and a mail server for the tests of a `describe`.
 * @param template `template1` for a database without the schema
 */
export function useSurroundings(template?: string): Surroundings {
  let database: TestDatabase;
  let smtp: SmtpSink;
  beforeAll(async () => {
    database = await TestDatabase.create(template);
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
