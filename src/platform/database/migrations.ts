import type { MigrationInterface } from 'typeorm';
import { AddWatchdog1795523883000 } from './migrations/1795523883000-AddWatchdog.js';
import { CreateSchema1795500037019 } from './migrations/1795500037019-CreateSchema.js';

/** All migrations in order. `npm run migration:generate` writes a new one; list it here. */
export const MIGRATIONS: (new () => MigrationInterface)[] = [
  CreateSchema1795500037019,
  AddWatchdog1795523883000,
];
