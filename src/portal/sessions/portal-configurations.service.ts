import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type Stripe from 'stripe';
import { Repository } from 'typeorm';
import { inTheNameOf } from '../../platform/stripe/in-the-name-of.js';
import type { PortalPermissions } from '../portal-access.entity.js';
import { PortalConfiguration } from './portal-configuration.entity.js';

/** The permissions, mode and account that a configuration is for. */
interface ConfigurationOf {
  permissions: PortalPermissions;
  livemode: boolean;
  /** The customer's connected account; null for our own account. */
  account: string | null;
}

/**
 * Keeps portal configurations in Stripe: Stripe's portal shows what a configuration allows. Each account has
 * one for each set of permissions in use, created when it is first needed. If two processes create one at the
 * same time, the one stored first is used from then on. An idempotency key would not help: Stripe repeats a
 * failure for a key as well, for a day.
 */
@Injectable()
export class PortalConfigurations {
  constructor(
    @InjectRepository(PortalConfiguration) private readonly configurations: Repository<PortalConfiguration>,
  ) {}

  /** Stripe's id of the configuration for these permissions. @throws Stripe's error */
  async idFor(sdk: Stripe, { permissions, livemode, account }: ConfigurationOf): Promise<string> {
    const params = toParams(permissions);
    const fingerprint = fingerprintOf(params, account);
    const known = await this.configurations.findOneBy({ fingerprint, livemode });
    if (known) return known.configurationId;
    const { id: configurationId } = await sdk.billingPortal.configurations.create(
      params,
      inTheNameOf(account),
    );
    await this.configurations
      .createQueryBuilder()
      .insert()
      .values({ fingerprint, livemode, configurationId, createdAt: new Date() })
      .orIgnore()
      .execute();
    return configurationId;
  }

  /** Removes a configuration that was deleted in Stripe. The next session creates a new one. */
  async remove(configurationId: string): Promise<void> {
    await this.configurations.delete({ configurationId });
  }
}

/** A configuration of one account does not exist in the others. */
function fingerprintOf(
  params: Stripe.BillingPortal.ConfigurationCreateParams,
  account: string | null,
): string {
  const content = account === null ? params : [account, params];
  return createHash('sha256').update(JSON.stringify(content)).digest('base64url');
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
