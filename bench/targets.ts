import { join } from 'node:path';
import packageJson from '../package.json' with { type: 'json' };
import { BenchDatabase } from './bench-database.js';
import { WEBHOOK_SECRET } from './load/event.js';
import { installPeers } from './peers.js';
import { ServerProcess } from './server-process.js';
import type { TrafficKind } from './load/traffic.js';
import type { Workplace } from './workplace.js';

/** Part of the answer to every created customer. */
const CREATED = '"notifications_sent":3';

const ADMIN_KEY = 'bench-admin-key-0123456789abcdef0123456789abcdef';

/** The header of calls to the admin API of a measured service. */
export const AUTHORIZATION = `Bearer ${ADMIN_KEY}`;

/** A kind of server that is measured. */
interface TargetKind {
  title: string;
  /** Arguments of `node`. */
  command: string[];
  /** The text that the answer to each new customer must contain. */
  contains: string;
  /** Whether it uses the service's schema, and so needs users. */
  hasSchema: boolean;
  /** The table that must hold everything it acknowledged. */
  table: string | null;
  install?: () => Promise<void>;
}

const TSX = ['--import', 'tsx'];

export const TARGET_KINDS = {
  service: {
    title: 'the service',
    command: packageJson.scripts.start.replace('exec node ', '').split(' '),
    contains: CREATED,
    hasSchema: true,
    table: 'customers',
  },
  'signature-only': {
    title: '(a) signature only, stores nothing',
    command: [...TSX, 'bench/servers/signature-only.ts'],
    contains: '"success":true',
    hasSchema: false,
    table: null,
  },
  plain: {
    title: '(b) one TypeORM transaction per event',
    command: [...TSX, 'bench/servers/plain.ts'],
    contains: CREATED,
    hasSchema: true,
    table: 'customers',
  },
  'sync-engine': {
    title: '(c) stripe-sync-engine, one upsert per event',
    command: [...TSX, 'bench/servers/sync-engine.ts'],
    contains: '"received":true',
    hasSchema: false,
    table: 'stripe.customers',
    install: installPeers,
  },
} satisfies Record<string, TargetKind>;

export type TargetName = keyof typeof TARGET_KINDS;

/** Differences of a target from its kind. */
interface TargetOptions {
  name?: string;
  title?: string;
  nodeFlags?: readonly string[];
  env?: Record<string, string>;
  /** The built checkout to run, instead of this one. */
  folder?: string;
  /** The database of another target, instead of its own. */
  database?: BenchDatabase;
  traffic?: TrafficKind;
  /** Customers to store in the database before the server starts. */
  preload?: { customers: number; fill: (database: BenchDatabase, customers: number) => Promise<void> };
}

/** A running server with its database. */
export class Target {
  /** Number of acknowledged new customers. */
  created = 0;

  private constructor(
    readonly name: string,
    readonly kind: TargetKind,
    readonly server: ServerProcess,
    readonly database: BenchDatabase,
    private readonly options: TargetOptions,
  ) {}

  get traffic(): TrafficKind {
    return this.options.traffic ?? 'created';
  }

  static async start(
    workplace: Workplace,
    kindName: TargetName,
    options: TargetOptions = {},
  ): Promise<Target> {
    const { name = kindName, nodeFlags = [], preload } = options;
    const kind: TargetKind = {
      ...TARGET_KINDS[kindName],
      ...(options.title ? { title: options.title } : {}),
    };
    await kind.install?.();
    const database = options.database ?? (await createDatabase(workplace, name, kind, options.folder));
    await preload?.fill(database, preload.customers);
    const env = {
      ...environmentOf(database.url, join(workplace.folder, `${name}-data`)),
      ...options.env,
    };
    const args = [...nodeFlags, ...kind.command];
    const server = await ServerProcess.start(
      args,
      env,
      join(workplace.folder, `${name}.log`),
      options.folder,
    );
    workplace.defer(() => server.stop());
    return new Target(name, kind, server, database, options);
  }

  /** @throws unless the database holds exactly what was acknowledged */
  async assertStored(): Promise<void> {
    if (!this.kind.table) return;
    const preloaded = this.options.preload?.customers ?? 0;
    const stored = (await this.database.count(this.kind.table)) - preloaded;
    if (stored !== this.created) {
      throw new Error(`${this.name} acknowledged ${this.created} customers and stored ${stored}`);
    }
  }
}

async function createDatabase(
  workplace: Workplace,
  name: string,
  kind: TargetKind,
  folder?: string,
): Promise<BenchDatabase> {
  const database = await BenchDatabase.create(workplace.postgres, name);
  workplace.defer(() => database.close());
  if (kind.hasSchema) await database.migrate(folder);
  return database;
}

/** A measured service has its default settings without job workers. All its mail goes to one domain, at any hour. */
export function environmentOf(databaseUrl: string, dataDir: string): Record<string, string> {
  return {
    NODE_ENV: 'test',
    DATABASE_URL: databaseUrl,
    DATA_DIR: dataDir,
    STRIPE_WEBHOOK_SECRET: WEBHOOK_SECRET,
    ADMIN_API_KEY: ADMIN_KEY,
    LINK_SIGNING_KEYS: 'bench-link-key-0123456789abcdef0123456789abcdef',
    QUIET_HOURS: 'off',
    MAIL_MAX_PER_DOMAIN_HOUR: '0',
    MAIL_MAX_PER_DOMAIN_DAY: '0',
    SMTP_SERVER: '127.0.0.1',
    MAIL_FROM: 'MINGUS <hello@mingus.test>',
    PUBLIC_URL: 'https://onboarding.mingus.test',
    APP_URL: 'https://app.mingus.test',
    PROCESS_ROLES: 'api',
  };
}
