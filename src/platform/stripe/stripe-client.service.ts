import { Injectable } from '@nestjs/common';
import Stripe from 'stripe';
import { AppConfig } from '../config/app-config.js';

/** Callers are jobs, which are repeated with back-off: better a failure than a slot that hangs. */
const TIMEOUT_MS = 5000;

/**
 * Stripe's own client, as configured. It makes no connection before the first call. Without retries it still
 * repeats a call once whose connection broke.
 */
@Injectable()
export class StripeClient {
  /** Null without `STRIPE_SECRET_KEY`. */
  readonly sdk: Stripe | null;
  /** Whose objects the key shows. */
  readonly isLive: boolean;

  constructor({ stripe: { secretKey, apiUrl } }: AppConfig) {
    this.isLive = /^[a-z]+_live_/.test(secretKey ?? '');
    this.sdk = secretKey
      ? new Stripe(secretKey, {
          ...(apiUrl ? toAddress(new URL(apiUrl)) : {}),
          timeout: TIMEOUT_MS,
          maxNetworkRetries: 0,
          telemetry: false,
        })
      : null;
  }

  /** The client for objects of a mode; null without a key for it. */
  of(livemode: boolean): Stripe | null {
    return this.isLive === livemode ? this.sdk : null;
  }
}

function toAddress({
  protocol,
  hostname,
  port,
}: URL): Pick<Stripe.StripeConfig, 'host' | 'port' | 'protocol'> {
  const isSecure = protocol === 'https:';
  return { host: hostname, port: port || (isSecure ? 443 : 80), protocol: isSecure ? 'https' : 'http' };
}
