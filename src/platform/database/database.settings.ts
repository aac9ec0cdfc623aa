import { flag, oneOf, text } from '../settings/rule.js';
import { settings } from '../settings/settings.js';

const postgresUrl = text(
  'must be a postgres:// URL',
  (given) => /^postgres(ql)?:\/\/\S+$/.test(given) && URL.canParse(given),
);

/** The tables are in the schema `public`, on every connection. */
const choosesNoSchema = text(
  'must not choose a schema (search_path): the tables are in the schema public',
  (given) => !choosesSchema(new URL(given).searchParams),
);

function choosesSchema(parameters: URLSearchParams): boolean {
  const names = ['schema', 'currentSchema', 'search_path'];
  return names.some((name) => parameters.has(name)) || /search_path/i.test(parameters.get('options') ?? '');
}

export class DatabaseSettings extends settings('Database', {
  url: {
    name: 'DATABASE_URL',
    rule: [postgresUrl, choosesNoSchema],
    required: 'in production',
    otherwise: 'an embedded PostgreSQL',
    placeholder: 'postgres://localhost/none',
    isSecret: true,
    meaning: 'The PostgreSQL database, such as `postgres://user:password@host:5432/database`.',
  },
  migrations: {
    name: 'MIGRATIONS',
    rule: oneOf('run', 'check', 'tolerate-newer'),
    default: 'run',
    defaultInProduction: 'check',
    meaning:
      '`run` brings the schema up to date when the process starts, `check` refuses to start on an old schema. Both refuse the schema of a newer release; `tolerate-newer` accepts it.',
  },
  preparedStatements: {
    name: 'DATABASE_PREPARED_STATEMENTS',
    rule: flag,
    default: 'true',
    meaning: 'Set it to `false` behind a PgBouncer that cannot keep prepared statements.',
  },
}) {
  get runsMigrations(): boolean {
    return this.migrations === 'run';
  }
  get toleratesNewerSchema(): boolean {
    return this.migrations === 'tolerate-newer';
  }
}
