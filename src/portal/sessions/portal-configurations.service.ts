import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type Stripe from 'stripe';
import { Repository } from 'typeorm';
import type { PortalPermissions } from '../portal-access.entity.js';
import { PortalConfiguration } from './portal-configuration.entity.js';

/**
 * Stripe's portal shows what a configuration allows. There is one for each set of permissions in use, made when it
 * is first needed. Two processes that need it at once make two; the one stored first is used from then on.
 * (An idempotency key would not do: Stripe repeats a failure for it as well, for a day.)
 */
@Injectable()
export class PortalConfigurations {
  constructor(
    @InjectRepository(PortalConfiguration) private readonly configurations: Repository<PortalConfiguration>,
  ) {}

  /** Stripe's id of the configuration for these permissions. @throws Stripe's error */
  async idFor(sdk: Stripe, permissions: PortalPermissions, livemode: boolean): Promise<string> {
    const params = toParams(permissions);
    const fingerprint = createHash('sha256').update(JSON.stringify(params)).digest('base64url');
    const known = await this.configurations.findOneBy({ fingerprint, livemode });
    if (known) return known.configurationId;
    const { id: configurationId } = await sdk.billingPortal.configurations.create(params);
    await this.configurations
      .createQueryBuilder()
      .insert()
      .values({ fingerprint, livemode, configurationId, createdAt: new Date() })
      .orIgnore()
      .execute();
    return configurationId;
  }

  /** Somebody removed it in Stripe: the next one is made anew. */
  async forget(configurationId: string): Promise<void> {
    await this.configurations.delete({ configurationId });
  }
}

function toParams(permissions: PortalPermissions): Stripe.BillingPortal.ConfigurationCreateParams {
  const { viewInvoices, updatePaymentMethod, updateBillingDetails, cancelSubscription } = permissions;
  return {
    features: {
      invoice_history: { enabled: viewInvoices },
      payment_method_update: { enabled: updatePaymentMethod },
      customer_update: {
        enabled: updateBillingDetails,
        ...(updateBillingDetails ? { allowed_updates: ['name', 'email', 'address', 'phone', 'tax_id'] } : {}),
      },
      subscription_cancel: { enabled: cancelSubscription, mode: 'at_period_end' },
    },
  };
}
