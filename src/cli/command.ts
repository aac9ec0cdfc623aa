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

/** A command whose arguments have been understood, and that needs the application. */
export interface ApplicationCommand {
  /** Settings that the arguments change. */
  environment?: Partial<Environment>;
  /** @returns the exit code */
  run: (app: INestApplicationContext) => Promise<number>;
}

/** A command that needs neither the application nor a configuration that holds. */
export interface StandaloneCommand {
  /** @returns the exit code */
  runAlone: (environment: NodeJS.ProcessEnv) => Promise<number>;
}

export type PreparedCommand = ApplicationCommand | StandaloneCommand;

/** One command of the CLI. Its own modules are loaded when it runs, so that help and mistakes answer at once. */
export interface Command {
  usage: string;
  /** Reads the arguments, before anything is opened. @throws InvalidArguments */
  prepare: (args: readonly string[]) => PreparedCommand;
}
