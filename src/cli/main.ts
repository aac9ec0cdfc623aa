#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { runCommandLine } from './command-line.js';

/** The variables of the process, and of `.env` in the working directory. */
function readEnvironmentOfProcess(): NodeJS.ProcessEnv {
  if (existsSync('.env')) process.loadEnvFile('.env');
  return process.env;
}

const exitCode = await runCommandLine(process.argv.slice(2), readEnvironmentOfProcess);
process.exit(exitCode);
