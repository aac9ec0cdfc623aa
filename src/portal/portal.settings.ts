import { keepRows } from '../platform/jobs/job.settings.js';
import { webUrl, wholeNumber } from '../platform/settings/rule.js';
import { settings } from '../platform/settings/settings.js';

keepRows({ portal_links: 90 });

export class PortalSettings extends settings('Billing portal', {
  loginUrl: {
    name: 'PORTAL_LOGIN_URL',
    rule: webUrl,
    otherwise: '`/portal` mails links',
    meaning: "Stripe's login page of the billing portal. When it is set, `/portal` redirects there.",
  },
  linkTtlHours: {
    name: 'PORTAL_LINK_TTL_HOURS',
    rule: wholeNumber(1, 720),
    default: '72',
    meaning: 'For how many hours the link in a message opens the billing portal.',
  },
}) {}
