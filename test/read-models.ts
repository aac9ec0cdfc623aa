/** Where a module may read from another one, and why. Changes to a customer go through `events/` only. */
export const READ_MODELS: Record<string, { imports: string[]; because: string }> = {
  'customers/customer-view.service.ts': {
    imports: ['audit', 'lifecycle', 'notifications', 'portal'],
    because: 'the admin view shows a customer with everything the other modules keep of it',
  },
  'customers/customer.dto.ts': {
    imports: ['notifications'],
    because: 'the admin view shows notifications in the shape of their own endpoint',
  },
  'customers/customers.module.ts': {
    imports: ['notifications'],
    because: "the admin view asks the notifications' service",
  },
  'webhooks/inbox/known-state-reader.service.ts': {
    imports: ['customers', 'experiments'],
    because:
      'a decision needs the MINGUS user, whose table only customers/users knows, and the arms of experiments',
  },
  'webhooks/stored-events/search/event-finder.service.ts': {
    imports: ['customers'],
    because: 'a search finds a user in every spelling, and only customers/users knows which are equal',
  },
  'webhooks/reconciliation/drift-detector.service.ts': {
    imports: ['customers'],
    because: 'it compares customers as stored with those that Stripe lists',
  },
  'webhooks/inbox/inbox.module.ts': {
    imports: ['customers', 'experiments'],
    because: 'it provides the source of users and the arms to the reader of known state',
  },
  'webhooks/stored-events/stored-events.module.ts': {
    imports: ['customers'],
    because: 'it provides the source of users to the search of events',
  },
  'lifecycle/leads/leads.service.ts': {
    imports: ['customers'],
    because: 'leads are users without a customer, and only customers/users knows from which table',
  },
  'lifecycle/own-milestones/own-milestones.service.ts': {
    imports: ['customers'],
    because: 'milestones are reported of users, and only customers/users knows from which table',
  },
  'lifecycle/lifecycle.module.ts': {
    imports: ['customers'],
    because: 'it provides the source of users to leads and to reported milestones',
  },
  'analytics/questions/retention/revenue-retention.service.ts': {
    imports: ['subscriptions'],
    because: 'a question about the retention of revenue has the answer of the reports about revenue',
  },
  'analytics/questions/questions.module.ts': { imports: ['subscriptions'], because: 'it provides them' },
  'experiments/assignment/known-arms.service.ts': {
    imports: ['segments'],
    because: 'an experiment can be limited to a segment, and only segments/ decides about new customers',
  },
  'experiments/admin/experiments.service.ts': {
    imports: ['segments'],
    because: 'an experiment needs a segment that can be decided at the creation of a customer',
  },
  'experiments/admin/goal-limits.service.ts': {
    imports: ['behaviour', 'lifecycle'],
    because: 'a goal needs a milestone that exists and events that are kept, and their settings say so',
  },
  'experiments/users/user-experiments.service.ts': {
    imports: ['customers'],
    because: 'arms are assigned to users, and only customers/users knows from which table',
  },
  'experiments/experiments.module.ts': {
    imports: ['customers', 'segments'],
    because: 'it provides the source of users and new customers to the assignment of arms',
  },
  'automations/admin/definition-checks.service.ts': {
    imports: ['lifecycle'],
    because: 'an automation can start by a milestone, and the settings of lifecycle/ name them',
  },
  'automations/dry-run/action-previews.service.ts': {
    imports: ['notifications'],
    because: 'a dry run shows messages as they would be sent',
  },
  'automations/automations.module.ts': {
    imports: ['notifications'],
    because: 'it provides the renderer of messages to the dry run',
  },
  'monitoring/readiness-checks.service.ts': {
    imports: ['notifications'],
    because: 'readiness reports whether the mail server can be reached, and the sender holds its connections',
  },
  'monitoring/storage/disk-readings.service.ts': {
    imports: ['audit'],
    because: 'it looks at the disk that AUDIT_HEADS_FILE is on',
  },
  'monitoring/alerts/routes/email.route.ts': {
    imports: ['notifications'],
    because: 'alerts leave by the one way out for mail',
  },
  'monitoring/alerts/routes/alert-notices.service.ts': {
    imports: ['notifications'],
    because: 'it hands the mail sender to the route above',
  },
  'segments/admin/segment-users.service.ts': { imports: ['notifications'], because: 'of MESSAGE_AUDIENCES' },
  'monitoring/alerts/alerts.module.ts': {
    imports: ['notifications'],
    because: 'it provides the mail sender to the route above',
  },
  'monitoring/monitoring.module.ts': {
    imports: ['notifications'],
    because: 'it provides the mail sender to the checks above',
  },
};
