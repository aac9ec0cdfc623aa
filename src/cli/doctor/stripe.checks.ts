import { HttpSettings } from '../../platform/http/http.settings.js';
import { StripeSettings } from '../../platform/stripe/stripe.settings.js';
import Stripe from 'stripe';
import { StripeClient } from '../../platform/stripe/stripe-client.service.js';
import { coverageIn } from '../../webhooks/watchdog/stripe-destinations.js';
import { type Check, note, ok, problem, warning, type Found, type Patient } from './check.js';
import { handledTypes } from './handled-types.js';

const stripeKey: Check = {
  name: 'stripe key',
  needs: ['STRIPE_SECRET_KEY'],
  look: async (patient) => [
    ...fitOfMode(patient),
    await asking(patient, 'read Customers', async (sdk) => {
      await sdk.customers.list({ limit: 1 });
      return ok('Valid, and may read customers');
    }),
    await asking(patient, 'read Events', async (sdk) => {
      await sdk.events.list({ limit: 1 });
      return ok('May read events');
    }),
  ],
};

function fitOfMode({ environment }: Patient): Found[] {
  const stripe = new StripeSettings(environment);
  const { isLive } = new StripeClient(stripe);
  if (stripe.livemode === undefined || stripe.livemode === isLive) return [];
  return [
    problem(
      `STRIPE_SECRET_KEY is a ${isLive ? 'live' : 'test'} key, STRIPE_LIVEMODE is ${stripe.livemode}`,
      'Use a key and a STRIPE_LIVEMODE of the same mode',
    ),
  ];
}

const stripeEndpoint: Check = {
  name: 'stripe endpoint',
  needs: ['STRIPE_SECRET_KEY', 'PUBLIC_URL'],
  look: async (patient) => [
    await asking(patient, 'read Webhook Endpoints and Event Destinations', async (sdk) => {
      const url = `${new HttpSettings(patient.environment).publicUrl}/webhooks/stripe`;
      const { state, detail } = await coverageIn(sdk, url, handledTypes());
      if (state === 'ok') return ok(detail);
      return problem(detail, 'Correct the endpoint in Stripe (Workbench, Webhooks), or PUBLIC_URL');
    }),
    note(
      'Only an event can show whether STRIPE_WEBHOOK_SECRET is the secret of this endpoint: send one from Stripe',
    ),
  ],
};

async function asking(
  { environment }: Patient,
  permission: string,
  ask: (sdk: Stripe) => Promise<Found>,
): Promise<Found> {
  try {
    return await ask(new StripeClient(new StripeSettings(environment)).sdk as Stripe);
  } catch (error) {
    if (!(error instanceof Stripe.errors.StripeError)) throw error;
    if (error instanceof Stripe.errors.StripeAuthenticationError)
      return problem('Stripe refuses the key', 'Set a STRIPE_SECRET_KEY that is valid');
    if (error instanceof Stripe.errors.StripePermissionError)
      return warning(
        `The key may not ${permission}`,
        `Give the restricted key the permission to ${permission}`,
      );
    const status = error.statusCode ? `status ${error.statusCode}` : 'no connection, or no answer in time';
    return problem(
      `Stripe cannot be asked: ${status}`,
      'Is port 443 to api.stripe.com open? See status.stripe.com',
    );
  }
}

export const STRIPE_CHECKS: readonly Check[] = [stripeKey, stripeEndpoint];
