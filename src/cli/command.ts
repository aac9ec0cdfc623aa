import type { INestApplicationContext } from '@nestjs/common';
import type { Environment } from '../platform/config/environment.js';

/** What is wrong with the command line. */
export class InvalidArguments extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** A command whose arguments have been understood. */
export interface PreparedCommand {
  /** Settings that the arguments change. */
  environment?: Partial<Environment>;
  /** @returns the exit code */
  run: (app: INestApplicationContext) => Promise<number>;
}

/** One command of the CLI. Its own modules are loaded when it runs, so that help and mistakes answer at once. */
export interface Command {
  usage: string;
  /** Reads the arguments, before anything is opened. @throws InvalidArguments */
  prepare: (args: readonly string[]) => PreparedCommand;
}
