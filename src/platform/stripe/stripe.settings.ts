import { flag, matching, text, wholeNumber } from '../settings/rule.js';
import { settings } from '../settings/settings.js';

/** Only scheme, host and port of an HTTP server: `https://api.stripe.com`. */
const origin = text(
  'must be http(s)://host or http(s)://host:port, without a path',
  (given) => /^https?:\/\/[^\s/?#@]+$/.test(given) && URL.canParse(given),
);

export class StripeSettings extends settings('Stripe', {
  secretKey: {
    name: 'STRIPE_SECRET_KEY',
    rule: matching(/^(sk|rk)_(test|live)_\S+$/, 'must look like sk_live_… or sk_test_…'),
    required: 'in production',
    isSecret: true,
    meaning: "The key for Stripe's API: a secret key (`sk_…`) or a restricted one (`rk_…`).",
  },
  livemode: {
    name: 'STRIPE_LIVEMODE',
    rule: flag,
    otherwise: 'events of both modes are accepted',
    meaning:
      'Whether the service handles live events (`true`) or test events (`false`). Events of the other mode are rejected.',
  },
  rateLimit: {
    name: 'STRIPE_RATE_LIMIT',
    rule: wholeNumber(0, 100),
    default: '20',
    meaning: 'How many calls per second a comparison with Stripe may make. 0 is no limit.',
  },
  apiUrl: {
    name: 'STRIPE_API_URL',
    rule: origin,
    otherwise: "Stripe's own",
    meaning: "`http(s)://host:port` of another server with Stripe's API. Only tests and trials set it.",
  },
}) {}
