export const ADMIN_KEY = 'test-admin-key-0123456789abcdef0123456789abcdef';
export const SERVICE_KEY = 'test-service-key-0123456789abcdef0123456789abcdef';
export const LINK_KEY = 'test-link-key-0123456789abcdef0123456789abcdef01';
export const WEBHOOK_SECRET = 'whsec_test_0123456789abcdef';

/** Environment of a service under test. */
export function testEnvironment(databaseUrl: string, smtpPort: number, env: Record<string, string> = {}) {
  return {
    NODE_ENV: 'test',
    DATABASE_URL: databaseUrl,
    STRIPE_WEBHOOK_SECRET: WEBHOOK_SECRET,
    ADMIN_API_KEY: ADMIN_KEY,
    SERVICE_API_KEY: SERVICE_KEY,
    LINK_SIGNING_KEYS: LINK_KEY,
    // Messages are sent at any time of day.
    QUIET_HOURS: 'off',
    // The cap per domain does not apply: all customers have addresses of one domain.
    MAIL_CAP_EXEMPT_DOMAINS: 'example.com',
    SMTP_SERVER: '127.0.0.1',
    SMTP_PORT: String(smtpPort),
    MAIL_FROM: 'MINGUS <hello@mingus.test>',
    PUBLIC_URL: 'https://onboarding.mingus.test',
    APP_URL: 'https://app.mingus.test',
    // A process that ends by a fault says so.
    LOG_LEVEL: process.env.TEST_LOG_LEVEL ?? 'fatal',
    ...env,
  };
}

/** Environment of a process in production: without embedded services. */
export function productionEnvironment(
  databaseUrl: string,
  smtpPort: number,
  env: Record<string, string> = {},
) {
  return testEnvironment(databaseUrl, smtpPort, {
    NODE_ENV: 'production',
    STRIPE_SECRET_KEY: 'sk_test_0123456789abcdef',
    DRAIN_SECONDS: '0',
    ...env,
  });
}
