import { aCustomer, anEvent, type Fields } from './builders.js';
import { FakeStripe } from './fake-stripe/fake-stripe.js';
import { type PortalCalls, portalRoutes } from './fake-stripe/portal-routes.js';
import { ADMIN_KEY, type Answer, request, SERVICE_KEY, TestApp } from './test-app.js';
import { waitFor } from './wait-for.js';

const LINK = /https:\/\/onboarding\.mingus\.test(\/portal\/links\/pl_[\w-]{43})/;

/** A service with a fake of Stripe's billing portal. */
export class PortalTest {
  private constructor(
    readonly service: TestApp,
    readonly stripe: FakeStripe,
    readonly portal: PortalCalls,
  ) {}

  static async start(env: Record<string, string> = {}): Promise<PortalTest> {
    const stripe = await FakeStripe.start();
    const portal: PortalCalls = { sessions: [], configurations: new Map() };
    stripe.serve(...portalRoutes(stripe.state, portal));
    const service = await TestApp.start({
      jobs: true,
      env: {
        STRIPE_SECRET_KEY: 'sk_test_0123456789abcdef',
        STRIPE_API_URL: stripe.url,
        ...env,
      },
    });
    return new PortalTest(service, stripe, portal);
  }

  async stop(): Promise<void> {
    await this.service.stop();
    await this.stripe.stop();
  }

  /** A customer who exists in Stripe and has been onboarded. */
  async onboard(
    fields: Fields = {},
    account?: string,
  ): Promise<Fields & { id: string; email: string; userId: string }> {
    const { id: userId, metadata } = await this.service.createUser();
    const customer = aCustomer({ metadata, ...fields });
    this.stripe.put(customer, account);
    await this.service.deliver(anEvent(customer, account ? { account } : {}));
    return { ...customer, userId };
  }

  /** The path of the link in the first mail with a link to this address. Waits for the mail. */
  mailedLink(email: string, subject?: string): Promise<string> {
    return waitFor(
      `a link for ${email}`,
      () =>
        this.service.smtp
          .to(email)
          .filter(({ mail }) => subject === undefined || mail.subject === subject)
          .flatMap(({ mail }) => LINK.exec(mail.text ?? '')?.[1] ?? [])[0],
    );
  }

  async onboardWithLink(fields: Fields = {}, account?: string) {
    const customer = await this.onboard(fields, account);
    return { customer, link: await this.mailedLink(customer.email) };
  }

  /** Requests a page as a browser does, without following redirects. */
  visit(path: string, init: RequestInit = {}): Promise<Answer> {
    return request(`${this.service.url}${path}`, { redirect: 'manual', ...init });
  }

  /** Submits a form as a browser does. */
  submit(path: string, fields: Record<string, string> = {}, headers: Record<string, string> = {}) {
    return this.visit(path, { method: 'POST', body: new URLSearchParams(fields), headers });
  }

  /** Calls the API as the MINGUS application does. */
  asMingus(path: string, body: unknown, key = SERVICE_KEY): Promise<Answer> {
    return request(`${this.service.url}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  }

  patch(path: string, body: unknown): Promise<Answer> {
    return request(`${this.service.url}/admin/${path}`, {
      method: 'PATCH',
      headers: { authorization: `Bearer ${ADMIN_KEY}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  }

  /** Sessions opened for a customer. */
  sessionsOf({ id }: { id: string }) {
    return this.portal.sessions.filter(({ params }) => params.customer === id);
  }
}
