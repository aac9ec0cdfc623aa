import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aCustomer, anEvent } from '../support/builders.js';
import { TestApp } from '../support/test-app.js';
import { waitFor } from '../support/wait-for.js';

describe('a signed customer.created event', () => {
  let service: TestApp;

  beforeAll(async () => {
    service = await TestApp.start({ jobs: true });
  });
  afterAll(() => service.stop());

  it('becomes a fully set-up customer whose messages arrive', async () => {
    const { id: userId, metadata } = await service.createUser();
    const customer = aCustomer({ metadata, name: 'Ada Lovelace', currency: 'eur' });

    const answer = await service.deliver(anEvent(customer));

    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      success: true,
      message: 'Customer created successfully with comprehensive setup',
      changes: [
        `Created customer: ${customer.email}`,
        `Stripe Customer ID: ${customer.id}`,
        'Customer Name: Ada Lovelace',
        'Customer portal access configured',
        'Customer lifecycle management configured',
      ],
      notifications_sent: 3,
    });
    await waitFor('three mails', () => service.smtp.to(customer.email).length === 3);
    await waitFor(
      'all marked sent',
      async () => (await service.database.count('notifications', `status = 'sent'`)) === 3,
    );
    const { body } = await service.admin(`customers/${customer.id}`);
    expect(body).toMatchObject({
      stripeCustomerId: customer.id,
      userId,
      user: { id: userId },
      preferences: { currency: 'eur', locale: 'en', timezone: 'UTC' },
      portalAccess: { status: 'active' },
      lifecycle: {
        stage: 'onboarding',
        milestones: { created: expect.any(String), welcomed: expect.any(String) },
      },
    });
    expect(body.notifications.map(({ kind, status }: Record<string, string>) => [kind, status])).toEqual([
      ['welcome', 'sent'],
      ['onboarding_guide', 'sent'],
      ['portal_access', 'sent'],
    ]);
    await waitFor('tracked', () => service.database.count('analytics_events', `name = 'customer_created'`));
  });
});
