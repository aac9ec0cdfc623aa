import { Injectable, Logger } from '@nestjs/common';
import Stripe from 'stripe';
import { AppConfig } from '../../platform/config/app-config.js';
import { StripeClient } from '../../platform/stripe/stripe-client.service.js';
import type { PortalPermissions } from '../portal-access.entity.js';
import { PortalConfigurations } from './portal-configurations.service.js';
import { portalLocaleOf } from './portal-locale.js';

/** Who is to be let in. */
export interface PortalCustomer {
  stripeCustomerId: string;
  livemode: boolean;
  /** BCP 47. */
  locale: string;
  permissions: PortalPermissions;
}

/** Stripe did not open a session; it may the next time. */
export class PortalUnavailable extends Error {}

/** Sessions of Stripe's billing portal. Their URLs let in whoever has them: they are handed on, never logged or stored. */
@Injectable()
export class PortalSessions {
  private readonly logger = new Logger('portal');

  constructor(
    private readonly config: AppConfig,
    private readonly stripe: StripeClient,
    private readonly configurations: PortalConfigurations,
  ) {}

  /**
   * The URL of a fresh session.
   * @param returnUrl where the portal leads back to; MINGUS when missing
   * @throws PortalUnavailable
   */
  async open(customer: PortalCustomer, returnUrl: string = this.config.http.appUrl): Promise<string> {
    const { stripeCustomerId, livemode } = customer;
    const sdk = this.stripe.of(livemode);
    if (!sdk) {
      const event = 'portal session not opened: no key for its mode';
      this.logger.error({ event, stripeCustomerId, livemode });
      throw new PortalUnavailable(event);
    }
    try {
      return await this.create(sdk, customer, returnUrl);
    } catch (error) {
      if (!(error instanceof Stripe.errors.StripeError)) throw error;
      const { requestId, statusCode } = error;
      const event = 'portal session not opened';
      this.logger.error({ event, stripeCustomerId, requestId, statusCode, error });
      throw new PortalUnavailable(event, { cause: error });
    }
  }

  private async create(sdk: Stripe, customer: PortalCustomer, returnUrl: string): Promise<string> {
    const configuration = await this.configurations.idFor(sdk, customer.permissions, customer.livemode);
    try {
      const { url } = await sdk.billingPortal.sessions.create({
        customer: customer.stripeCustomerId,
        return_url: returnUrl,
        locale: portalLocaleOf(customer.locale),
        configuration,
      });
      return url;
    } catch (error) {
      if (error instanceof Stripe.errors.StripeError && error.param === 'configuration') {
        await this.configurations.forget(configuration);
      }
      throw error;
    }
  }
}
