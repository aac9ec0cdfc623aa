import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { areaOf, SOURCES, textOf } from './support/sources.js';

/**
 * Which tables of other modules the SQL of a module reads, and why. Everyone may use the tables of platform/. Only the
 * owner of a table writes to it.
 */
const TABLE_READS: Record<string, Record<string, string>> = {
  analytics: {
    customers: 'payments are tracked under the user of their customer',
    segments: 'a funnel can be broken down by membership of a segment',
    segment_members: 'a funnel can be broken down by membership of a segment',
    behaviour_events: 'questions about behaviour count the events of the stream',
    people: 'questions join the persons of the stream with their acquisition source',
    customer_lifecycles: 'milestone funnels read when each milestone was reached',
  },
  automations: {
    customers: 'runs are about customers, and end when the customer is deleted or erased',
    customer_preferences: 'a dry run renders messages in the language of the customer',
    customer_lifecycles: 'an automation starts when a milestone is overdue',
    customer_predictions: 'an automation starts when a score passes a value',
    webhook_events: 'imported customers start no automation by default',
    connectors: 'the actions of an automation name connectors',
    segments: 'the rules of an automation name segments',
    segment_versions: 'a dry run reads who entered and left a segment',
    lifecycle_transitions: 'a dry run reads who entered a stage',
    mrr_movements: 'a dry run reads whose revenue moved',
    prediction_outcomes: 'a dry run reads which scores passed a value',
    outbox: 'a dry run reads facts of which no other history is kept',
  },
  audit: {
    automation_runs: 'the timeline shows the automations of a customer',
    customers: 'the timeline shows a customer with what happened to it in all modules',
    webhook_events: 'the timeline shows the events of a customer',
    notifications: 'the timeline shows the messages of a customer',
    notification_attempts: 'the timeline shows the attempts to deliver them',
    lifecycle_transitions: 'the timeline shows the stages of a customer',
    mrr_movements: 'the timeline shows how the revenue of a customer moved',
    segment_changes: 'the timeline shows the segments that a customer entered and left',
    segment_versions: 'the timeline shows the segments that a customer entered and left',
    customer_segments: 'the timeline shows the segments that a customer entered at its creation',
  },
  behaviour: {
    customers: 'a user whose customer is erased is kept while another customer is left',
  },
  cli: {
    alerts: 'the doctor reports whether a process evaluates the alerts',
    revenue_checks: 'the doctor reports whether revenue adds up',
    connectors: 'the doctor reports whether connectors can work',
    deliveries: 'the doctor reports how long deliveries to connectors have waited',
    connector_erasures: 'the doctor reports persons who are not erased outside',
    automations:
      'the doctor reports whether the rules of automations are broken, and their connectors enabled',
    automation_versions: 'the doctor reports whether the rules of automations are broken',
    segments: 'the doctor reports whether the rules of automations are broken',
  },
  customers: {
    webhook_events: 'the view, the export and the erasure of a person include events without a customer',
    notifications: 'linking and the export need to know which messages a user has had',
    customer_lifecycles: 'the erasure reports the stage that a customer was in',
    customer_revenues: 'the erasure reports the revenue of the customer',
    user_milestones:
      'a new customer gets the milestones of its user, and a user with milestones can be erased',
    people: 'the export and the erasure of a person include their behaviour',
    audit_entries: 'an erasure covers the former addresses of a person, and only the audit has them',
    experiment_units:
      'the view shows the arms of a customer, and a linked customer gets the messages of its arms',
    experiment_phases:
      'the view shows the arms of a customer, and a linked customer gets the messages of its arms',
    experiments: 'the view shows the arms of a customer, and a linked customer gets the messages of its arms',
    customer_segments: 'the view shows the segments of a customer',
    segment_members: 'lists of customers can be limited to a segment',
    segments: 'the view shows the segments of a customer',
    automation_runs: 'the export of a person includes the steps of its runs',
    connector_erasures: 'an erasure shows the receipts of the systems outside',
    deliveries: 'the export includes the attempts of the deliveries about a person',
  },
  integrations: {
    customers: 'mappings name fields of the customer as it is when it is delivered',
    customer_lifecycles: 'mappings name its stage and its milestones',
    customer_revenues: 'mappings name its revenue',
    customer_preferences: 'mappings name its language and time zone',
    customer_segments: 'mappings name its segments',
    segments: 'mappings name its segments',
    customer_attributes: 'mappings and placeholders name what automations keep about the customer',
  },
  experiments: {
    customers: 'a user keeps the arms while a customer is left, and members of a segment can take part',
    people: 'what an erased person did still counts',
    behaviour_events: 'a goal is what units do',
    customer_lifecycles: 'a goal is a milestone that units reach',
    user_milestones: 'a goal is a milestone that users reach before they are customers',
    mrr_movements: 'a goal is the revenue of units',
    lifecycle_transitions: 'a guardrail is the churn of units',
    audit_entries:
      'guardrails are complaints, and choices against messages, which only the audit has with their time',
    users: 'a user who is being erased gets no arm',
    segments: 'an experiment can be limited to a segment',
    customer_segments: 'an experiment can be limited to a segment',
    template_overrides: 'an arm can choose a version of a template',
  },
  lifecycle: {
    customers: 'lists by stage show the Stripe id of a customer, and MINGUS reports milestones of its user',
  },
  monitoring: {
    notification_channel_states: 'metrics and alerts show which channels are paused',
    webhook_events: 'metrics, the summary and alerts count events by outcome',
    revenue_checks: 'metrics and alerts show whether revenue adds up',
    sample_ratio_checks: 'metrics and alerts show whether experiments are to be trusted',
    reconciliations: 'metrics and alerts show what the newest comparison with Stripe found',
    watchdog_findings: 'metrics, alerts and health show what the watchdog found',
    customers: 'the summary does not count a rejected event whose customer exists by now as failed',
    notifications: 'the summary counts messages by status',
    customer_segments: 'metrics and alerts show whether segments are up to date',
    analytics_rollups: 'metrics and alerts show whether kept answers are up to date',
    prediction_states:
      'metrics and alerts show whether predictions are up to date, and whether features drift',
    outbox: 'metrics and alerts show how long facts wait',
    outbox_positions: 'metrics and alerts show how long facts wait',
    connectors: 'metrics and alerts show which connectors are paused',
    deliveries: 'metrics and alerts show what waits and what was rejected',
    connector_erasures: 'metrics and alerts show which persons are not erased outside',
    automations: 'metrics and alerts show whether runs of automations are late',
    automation_runs: 'metrics and alerts show whether runs of automations are late, and how many failed',
  },
  notifications: {
    customers: 'a message needs the address, the name and the state of its customer when it is sent',
    customer_preferences: 'a message needs the language and the choices of its customer when it is sent',
    portal_accesses: 'a message about the portal is not sent to a customer without access',
    audit_entries: 'a report about a message is matched with the former addresses of its customer',
    customer_segments: 'a kind of message can be limited to a segment',
    segments: 'a kind of message can be limited to a segment',
  },
  portal: {
    customers: 'access, links and sessions need the state, the user and the address of the customer',
    customer_preferences: 'pages and sessions are in the language of the customer',
  },
  predictions: {
    customers: 'a prediction is about a customer, and knows its age and its user',
    customer_lifecycles: 'features and outcomes are about milestones',
    lifecycle_transitions: 'features and outcomes are about stages, as they were at any time',
    mrr_movements:
      'features are about the revenue, as it was at any time; lifetimes begin with the first payment',
    subscriptions: 'lifetimes in months are those of customers who pay monthly',
    behaviour_events: 'features are about what people do',
    people: 'features are about what the user of a customer does',
    anonymous_ids: 'events of an anonymous person are known once the id is joined to a user',
    analytics_events: 'features are about what a customer brought with it when it was created',
    notifications: 'features are about messages',
    notification_attempts: 'features are about the delivery of messages',
    audit_entries: 'features are about changes of preferences, of which only the audit has the times',
    disputes: 'features are about disputes',
  },
  segments: {
    customers: 'rules are about fields of customers',
    customer_lifecycles: 'rules are about stages and milestones',
    customer_revenues: 'rules are about revenue',
    behaviour_events: 'rules are about what people do',
    people: 'rules are about what the user of a customer does',
    analytics_questions: 'a segment that a saved question is about cannot be deleted',
    analytics_question_versions: 'a segment that a saved question is about cannot be deleted',
    webhook_events: 'a change of memberships shows whether its event was imported',
    experiment_units: 'rules are about the arms of experiments',
    experiment_phases: 'rules are about the arms of experiments',
    experiments: 'rules are about the arms of experiments, and a segment of an experiment cannot be deleted',
    customer_predictions: 'rules are about predictions',
    automations: 'a segment that an automation is about cannot be deleted',
    automation_versions: 'a segment that an automation is about cannot be deleted',
    automation_runs: 'a segment that an automation is about cannot be deleted',
  },
  webhooks: {
    customers: 'a decision compares an event with the stored customer',
    customer_lifecycles: 'a decision about a deletion reports the stage that the customer was in',
    customer_revenues: 'a decision about a subscription or a payment carries the stored revenue',
    subscriptions: 'a decision about a subscription compares it with the stored ones of the customer',
    invoices: 'a decision about an invoice compares it with the stored one',
    disputes: 'a decision about a dispute compares it with the stored one',
    audit_entries: 'the search by address covers former addresses, and only the audit has them',
  },
};

const FROM = /\b(?:from|join|using)\s+"?(\w+)"?/g;
const INTO = /\b(?:insert into|update|delete from|copy)\s+"?(\w+)"?/g;

/** Table → module, from the entities. */
const OWNERS = new Map(
  SOURCES.flatMap((file) => {
    const [, table] = /@Entity\('(\w+)'/.exec(textOf(file)) ?? [];
    return table ? [[table, areaOf(file)] as const] : [];
  }),
);

/** The literal parts of the texts in a file. */
function literalsOf(file: string): string[] {
  const literals: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node))
      literals.push(node.text);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, textOf(file), ts.ScriptTarget.Latest));
  return literals;
}

/** Where a module's SQL names a table of another module in this way. */
const FOREIGN_NAMES = SOURCES.filter((file) => areaOf(file) && !file.includes('/migrations/'))
  .flatMap((file) =>
    literalsOf(file).flatMap((sql) => [
      ...[...sql.matchAll(FROM)].map(([, table = '']) => ({ file, table, writes: false })),
      ...[...sql.matchAll(INTO)].map(([, table = '']) => ({ file, table, writes: true })),
    ]),
  )
  .filter(
    ({ file, table }) => OWNERS.has(table) && ![areaOf(file), 'platform'].includes(OWNERS.get(table) ?? ''),
  );

describe('the SQL of a module', () => {
  it('reads tables of other modules only if listed here', () => {
    const unlisted = FOREIGN_NAMES.filter(({ file, table }) => !TABLE_READS[areaOf(file) ?? '']?.[table]);
    expect(unlisted.map(({ file, table }) => `${file} → ${table}`)).toEqual([]);
  });

  it('writes to no table of another module', () => {
    const written = FOREIGN_NAMES.filter(({ writes }) => writes);
    expect(written.map(({ file, table }) => `${file} → ${table}`)).toEqual([]);
  });

  it('uses each table listed for it', () => {
    const listed = Object.entries(TABLE_READS).flatMap(([area, tables]) =>
      Object.keys(tables).map((table) => `${area} → ${table}`),
    );
    const used = new Set(FOREIGN_NAMES.map(({ file, table }) => `${areaOf(file)} → ${table}`));
    expect(listed.filter((read) => !used.has(read))).toEqual([]);
  });
});
