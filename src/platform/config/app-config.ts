import { type AccessSettings, toAccess } from './access-environment.js';
import { type AlertSettings, toAlerts } from './alert-environment.js';
import type { Environment } from './environment.js';
import { unfold } from './environment-validators.js';
import { type RetainedTable, toRetentionDays } from './retention-days.js';
import { toUsersTable, type UsersTable } from './users-table.js';

/** How SMTP connections are secured; see `SMTP_TLS`. */
export type SmtpTls = 'opportunistic' | 'required' | 'implicit';

/** Times of day in minutes after midnight; from the evening to the morning when `from` is the later one. */
export interface QuietHours {
  readonly from: number;
  readonly to: number;
}

export interface MailCapSettings {
  readonly perRecipientAndDay: number;
  readonly perDomainAndHour: number;
  readonly perDomainAndDay: number;
  /** Domains without a cap of their own, besides those of the public mailbox providers. */
  readonly exemptDomains: readonly string[];
}

/** What messages and pages look like and who they say they are from. */
export interface Brand {
  readonly name: string;
  readonly logoUrl?: string;
  /** `#rrggbb`; `paletteOf` makes readable colours of it. */
  readonly color: string;
  /** Where people ask for help. */
  readonly supportEmail: string;
  /** One line; the law of many countries wants it in mails. */
  readonly postalAddress?: string;
}

/** The whole configuration, validated once at boot and injected by class. */
export class AppConfig {
  readonly production: boolean;
  readonly logLevel: string;
  /** The collector that traces are sent to (OTLP over HTTP); unset for none. */
  readonly tracesUrl?: string;
  /** Which commit this was built of, for `mingus_build_info`. */
  readonly buildCommit: string;
  readonly dataDir: string;
  readonly roles: { readonly api: boolean; readonly worker: boolean };
  readonly http: {
    readonly host: string;
    readonly port: number;
    /** Where people reach this service, without a slash at the end. */
    readonly publicUrl: string;
    /** Where people reach MINGUS itself. */
    readonly appUrl: string;
    readonly adminApiKey: string;
    /** How long a stopping process is served on, not ready, so that balancers notice. */
    readonly drainSeconds: number;
    /** What MINGUS itself calls with; without it nobody may. */
    readonly serviceApiKey?: string;
    /** Proxies whose `X-Forwarded-For` is believed. */
    readonly trustedProxies?: string;
  };
  readonly access: AccessSettings;
  /** What the links that are signed, not stored, are signed with; the first signs, all verify. */
  readonly links: { readonly signingKeys: readonly string[] };
  readonly portal: { readonly loginUrl?: string; readonly linkTtlHours: number };
  readonly database: {
    readonly url: string;
    readonly runMigrations: boolean;
    /** Whether to start on the schema of a newer release. */
    readonly tolerateNewerSchema: boolean;
    readonly preparedStatements: boolean;
  };
  readonly stripe: {
    readonly webhookSecrets: readonly string[];
    readonly secretKey?: string;
    /** Where Stripe's API is, when not at Stripe. */
    readonly apiUrl?: string;
    /** When set, events of the other mode are rejected. */
    readonly livemode?: boolean;
    readonly accountCurrency: string;
    /** Calls a second of a reconciliation; 0 is no limit. */
    readonly rateLimit: number;
  };
  readonly reconciliation: {
    /** Cron pattern (UTC); unset when none is scheduled. */
    readonly schedule?: string;
    /** Whether scheduled ones tell people of what they find. */
    readonly notify: boolean;
  };
  readonly webhook: {
    readonly batchMax: number;
    readonly writers: number;
    readonly waitingMax: number;
    /** How long raw bodies are kept. */
    readonly retentionDays: number;
    /** How long an event waits for its user. */
    readonly pendingDays: number;
  };
  /** For how many days the rows of tables are kept that only pile up. */
  readonly retentionDays: Readonly<Record<RetainedTable, number>>;
  /** Where the heads of the audit's chain are appended; unset when they are only logged. */
  readonly audit: { readonly headsFile?: string };
  readonly alerts: AlertSettings;
  readonly jobs: {
    readonly concurrency: number;
    /** A worker silent for this long is dead: its jobs are freed. */
    readonly leaseSeconds: number;
  };
  readonly users: { readonly table?: UsersTable; readonly onboardingMaxAgeDays: number };
  /** Through which channels customers are told. */
  readonly notifications: {
    readonly channels: readonly string[];
    /** Kinds that wait for an operator when nobody knows whether they arrived; others are sent again. */
    readonly holdUnknown: readonly string[];
    /** When people are not disturbed; unset for never. */
    readonly quietHours?: QuietHours;
  };
  readonly mail: {
    readonly host: string;
    readonly port: number;
    readonly username?: string;
    readonly password?: string;
    readonly tls: SmtpTls;
    readonly maxConnections: number;
    readonly from: string;
    /** How much one recipient may get: mails that have left, 0 is no cap. */
    readonly caps: MailCapSettings;
    /** How long one message may take in all. */
    readonly timeoutMs: number;
    readonly dkim?: {
      readonly domainName: string;
      readonly keySelector: string;
      readonly privateKey: string;
    };
    /** Where bounces go: `bounces@…`, which becomes `bounces+<notification id>@…`. */
    readonly bounceAddress?: string;
    /** Signs the reports that are posted to `/webhooks/mail`. */
    readonly webhookSecret?: string;
  };
  readonly brand: Brand;
  /** BCP 47; for whoever wishes no language we speak. */
  readonly defaultLocale: string;
  readonly analytics: { readonly enabled: boolean; readonly url?: string; readonly apiKey?: string };

  constructor(env: Environment) {
    this.production = env.NODE_ENV === 'production';
    this.logLevel = env.LOG_LEVEL;
    this.tracesUrl = env.OTEL_EXPORTER_OTLP_ENDPOINT;
    this.buildCommit = env.BUILD_COMMIT ?? 'unknown';
    this.dataDir = env.DATA_DIR;
    this.roles = { api: env.PROCESS_ROLES.includes('api'), worker: env.PROCESS_ROLES.includes('worker') };
    this.http = toHttp(env);
    this.links = { signingKeys: required(env, 'LINK_SIGNING_KEYS').split(',') };
    this.portal = { loginUrl: env.PORTAL_LOGIN_URL, linkTtlHours: env.PORTAL_LINK_TTL_HOURS };
    this.database = {
      url: required(env, 'DATABASE_URL'),
      runMigrations: (env.MIGRATIONS ?? (this.production ? 'check' : 'run')) === 'run',
      tolerateNewerSchema: env.MIGRATIONS === 'tolerate-newer',
      preparedStatements: env.DATABASE_PREPARED_STATEMENTS === 'true',
    };
    this.stripe = toStripe(env);
    this.reconciliation = { schedule: toSchedule(env), notify: env.RECONCILE_NOTIFY === 'all' };
    this.webhook = {
      batchMax: env.WEBHOOK_BATCH_MAX,
      writers: env.WEBHOOK_WRITERS,
      waitingMax: env.WEBHOOK_WAITING_MAX,
      retentionDays: env.WEBHOOK_RETENTION_DAYS,
      pendingDays: env.WEBHOOK_PENDING_DAYS,
    };
    this.access = toAccess(env);
    this.alerts = toAlerts(env);
    this.retentionDays = toRetentionDays(env.RETENTION_DAYS);
    this.audit = { headsFile: env.AUDIT_HEADS_FILE };
    this.jobs = { concurrency: env.JOB_CONCURRENCY, leaseSeconds: env.WORKER_LEASE_SECONDS };
    this.users = { table: toUsersTable(env), onboardingMaxAgeDays: env.ONBOARDING_MAX_USER_AGE_DAYS };
    this.notifications = {
      channels: env.NOTIFICATION_CHANNELS.split(','),
      holdUnknown: env.HOLD_UNKNOWN_KINDS?.split(',') ?? [],
      quietHours: toQuietHours(env),
    };
    this.mail = toMail(env);
    this.brand = toBrand(env, this.mail.from);
    this.defaultLocale = env.DEFAULT_LOCALE;
    this.analytics = {
      enabled: env.ANALYTICS_ENABLED === 'true',
      url: env.ANALYTICS_URL,
      apiKey: env.ANALYTICS_API_KEY,
    };
  }
}

function required<K extends keyof Environment>(env: Environment, name: K): NonNullable<Environment[K]> {
  const value = env[name];
  if (value === undefined || value === null) throw new Error(`${name} is not set`);
  return value;
}

function toStripe(env: Environment): AppConfig['stripe'] {
  return {
    webhookSecrets: required(env, 'STRIPE_WEBHOOK_SECRET').split(','),
    secretKey: env.STRIPE_SECRET_KEY,
    apiUrl: env.STRIPE_API_URL,
    livemode: env.STRIPE_LIVEMODE === undefined ? undefined : env.STRIPE_LIVEMODE === 'true',
    accountCurrency: env.STRIPE_ACCOUNT_CURRENCY,
    rateLimit: env.STRIPE_RATE_LIMIT,
  };
}

/** Without a key there is nothing to compare with. */
function toSchedule({ RECONCILE_SCHEDULE, STRIPE_SECRET_KEY }: Environment): string | undefined {
  return RECONCILE_SCHEDULE === 'off' || !STRIPE_SECRET_KEY ? undefined : RECONCILE_SCHEDULE;
}

function toHttp(env: Environment): AppConfig['http'] {
  return {
    host: env.HOST,
    port: env.PORT,
    publicUrl: required(env, 'PUBLIC_URL').replace(/\/+$/, ''),
    appUrl: env.APP_URL ?? required(env, 'PUBLIC_URL'),
    adminApiKey: required(env, 'ADMIN_API_KEY'),
    drainSeconds: env.DRAIN_SECONDS ?? (env.NODE_ENV === 'production' ? 5 : 0),
    serviceApiKey: env.SERVICE_API_KEY,
    trustedProxies: env.TRUSTED_PROXIES,
  };
}

function toBrand(env: Environment, sender: string): Brand {
  return {
    name: env.BRAND_NAME,
    logoUrl: env.BRAND_LOGO_URL,
    color: env.BRAND_COLOR.toLowerCase(),
    supportEmail: env.SUPPORT_EMAIL ?? addressOf(sender),
    postalAddress: env.POSTAL_ADDRESS,
  };
}

/** `21:00-08:00` */
function toQuietHours({ QUIET_HOURS }: Environment): QuietHours | undefined {
  if (QUIET_HOURS === 'off') return undefined;
  const [from = 0, to = 0] = QUIET_HOURS.split('-').map((time) => {
    const [hours = 0, minutes = 0] = time.split(':').map(Number);
    return hours * 60 + minutes;
  });
  return { from, to };
}

/** The address of `MINGUS <hello@mingus.app>`. */
function addressOf(mailbox: string): string {
  return /<([^>]+)>$/.exec(mailbox)?.[1] ?? mailbox;
}

function toMail(env: Environment): AppConfig['mail'] {
  return {
    host: required(env, 'SMTP_SERVER'),
    port: env.SMTP_PORT,
    username: env.SMTP_USERNAME,
    password: env.SMTP_PASSWORD,
    tls: toSmtpTls(env),
    maxConnections: env.SMTP_MAX_CONNECTIONS,
    from: required(env, 'MAIL_FROM'),
    caps: {
      perRecipientAndDay: env.MAIL_MAX_PER_RECIPIENT_DAY,
      perDomainAndHour: env.MAIL_MAX_PER_DOMAIN_HOUR,
      perDomainAndDay: env.MAIL_MAX_PER_DOMAIN_DAY,
      exemptDomains: env.MAIL_CAP_EXEMPT_DOMAINS?.toLowerCase().split(',') ?? [],
    },
    timeoutMs: env.DELIVERY_TIMEOUT_SECONDS * 1000,
    dkim: toDkim(env),
    bounceAddress: env.BOUNCE_ADDRESS,
    webhookSecret: env.MAIL_WEBHOOK_SECRET,
  };
}

function toDkim(env: Environment): AppConfig['mail']['dkim'] {
  if (!env.DKIM_PRIVATE_KEY) return undefined;
  return {
    domainName: required(env, 'DKIM_DOMAIN'),
    keySelector: required(env, 'DKIM_SELECTOR'),
    privateKey: unfold(env.DKIM_PRIVATE_KEY),
  };
}

/** `auto`: implicit on port 465; required where a password would cross the network; else opportunistic. */
function toSmtpTls(env: Environment): SmtpTls {
  if (env.SMTP_TLS !== 'auto') return env.SMTP_TLS as SmtpTls;
  if (env.SMTP_PORT === 465) return 'implicit';
  const local = ['localhost', '127.0.0.1', '::1'].includes(env.SMTP_SERVER ?? '');
  return env.SMTP_PASSWORD && !local ? 'required' : 'opportunistic';
}
