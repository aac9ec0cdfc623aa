import type { INestApplicationContext } from '@nestjs/common';
import type { Command } from 'commander';
import type { Output } from './output.js';

/** The exit codes of all commands. `mingus --help` lists them. */
export const EXIT = { done: 0, failed: 1, usage: 2, tampered: 3, interrupted: 130 } as const;

/** Work with the application. @returns the exit code */
export type Work<A> = (app: INestApplicationContext, args: A, output: Output) => Promise<number>;

/** Work that needs neither the application nor a valid configuration. @returns the exit code */
export type LoneWork<A> = (environment: NodeJS.ProcessEnv, args: A, output: Output) => Promise<number>;

/** A command with its checked arguments. Its own modules are loaded when it runs: help and usage errors are quick. */
export interface ApplicationTask<A = unknown> {
  args: A;
  load: () => Promise<Work<A>>;
  /** Settings that the arguments change. */
  environment?: Readonly<Record<string, string>>;
}

export interface LoneTask<A = unknown> {
  args: A;
  loadAlone: () => Promise<LoneWork<A>>;
}

// oxlint-disable-next-line typescript/no-explicit-any -- each task has arguments of its own
export type Task = ApplicationTask<any> | LoneTask<any>;

/**
 * Declares the task of a command. It gets the parameters of commander's actions: arguments, options, command.
 */
// oxlint-disable-next-line typescript/no-explicit-any -- commander types them so
export type Declare = (command: Command, toTask: (...given: any[]) => Task) => void;
