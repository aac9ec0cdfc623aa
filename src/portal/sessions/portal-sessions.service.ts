import { Injectable, Logger } from '@nestjs/common';
import Stripe from 'stripe';
import { HttpSettings } from '../../platform/http/http.settings.js';
import { inTheNameOf } from '../../platform/stripe/in-the-name-of.js';
import { StripeClient } from '../../platform/stripe/stripe-client.service.js';
import type { PortalPermissions } from '../portal-access.entity.js';
import { PortalConfigurations } from './portal-configurations.service.js';
import { portalLocaleOf } from './portal-locale.js';

/** The customer of a session. */
export interface PortalCustomer {
  stripeCustomerId: string;
  livemode: boolean;
  /** The customer's connected account; null for our own account. */
  account: string | null;
  /** BCP 47. */
  locale: string;
  permissions: PortalPermissions;
}

/** Stripe did not open a session. A later attempt may succeed. */
export class PortalUnavailable extends Error {}

/** Opens sessions of Stripe's billing portal. A session's URL is a credential: it is never logged or stored. */
@Injectable()
export class PortalSessions {
  private readonly logger = new Logger('portal');

  constructor(
    private readonly http: HttpSettings,
    private readonly stripe: StripeClient,
    private readonly configurations: PortalConfigurations,
  ) {}

  /**
   * Returns the URL of a new session.
   * @param returnUrl where the portal leads back to; MINGUS if missing
   * @throws PortalUnavailable
   */
  async open(customer: PortalCustomer, returnUrl: string = this.http.appUrl): Promise<string> {
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
    const configuration = await this.configurations.idFor(sdk, customer);
    try {
      const { url } = await sdk.billingPortal.sessions.create(
        {
          customer: customer.stripeCustomerId,
          return_url: returnUrl,
          locale: portalLocaleOf(customer.locale),
          configuration,
        },
        inTheNameOf(customer.account),
      );
      return url;
    } catch (error) {
      if (error instanceof Stripe.errors.StripeError && error.param === 'configuration') {
        await this.configurations.remove(configuration);
      }
      throw error;
    }
  }
}
