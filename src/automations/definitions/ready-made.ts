import { DomainError } from '../../platform/http/domain-error.js';

/** A parameter of a ready-made automation. */
export interface ReadyMadeParameter {
  name: string;
  meaning: string;
  kind: 'text' | 'texts' | 'number';
  /** Used while the parameter is not given. A parameter without a default must be given. */
  default?: string | number;
}

/** A definition with parameters. */
export interface ReadyMade {
  name: string;
  summary: string;
  parameters: readonly ReadyMadeParameter[];
  /** The definition, to be checked as any other. */
  define: (values: Values) => object;
}

type Values = Readonly<Record<string, unknown>>;

const connector = (name: string, meaning: string): ReadyMadeParameter => ({ name, meaning, kind: 'text' });

/** A customer who was activated too late was overdue, and needs no help any more. */
const ACTIVATED = { type: 'milestone', milestone: 'activated', reached: true };

/** The ready-made automations. Each one is disabled until it is enabled. */
export const READY_MADE: readonly ReadyMade[] = [
  {
    name: 'crm-contact',
    summary: 'A contact in the CRM for each new customer',
    parameters: [connector('connector', 'The connector of the CRM')],
    define: (values) => ({
      when: { type: 'fact', fact: 'customer.created' },
      steps: [{ connector: values.connector, kind: 'upsertPerson' }],
    }),
  },
  {
    name: 'plan-ticket',
    summary: 'A support ticket for each new customer of chosen plans',
    parameters: [
      connector('connector', 'The connector of the support system'),
      { name: 'plans', meaning: 'The plans', kind: 'texts' },
      { name: 'planKey', meaning: 'The key of the plan in the metadata', kind: 'text', default: 'plan' },
    ],
    define: (values) => ({
      when: { type: 'fact', fact: 'customer.created' },
      if: { type: 'metadata', key: values.planKey, in: values.plans },
      steps: [
        {
          connector: values.connector,
          kind: 'createTicket',
          fields: {
            title: `Welcome {{customer.name}}`,
            body: `{{customer.name}} is a new customer with the plan {{customer.metadata.${values.planKey}}}.`,
          },
        },
      ],
    }),
  },
  {
    name: 'activation-task',
    summary: 'A success task for each customer who is not activated in time',
    parameters: [
      connector('connector', 'The connector of the success system'),
      { name: 'days', meaning: 'Days after the creation', kind: 'number', default: 7 },
    ],
    define: (values) => ({
      when: { type: 'milestone_overdue', milestone: 'activated', days: values.days },
      if: { not: ACTIVATED },
      stopIf: ACTIVATED,
      steps: [
        {
          connector: values.connector,
          kind: 'createTask',
          fields: {
            title: 'Help {{customer.name}} to get started',
            body: `The customer is not activated after ${values.days} days.`,
            dueAt: { days: 2 },
          },
        },
      ],
    }),
  },
  {
    name: 'at-risk',
    summary: 'A campaign and a success task for each customer at risk',
    parameters: [
      connector('marketing', 'The connector of the marketing system'),
      { name: 'journey', meaning: 'The campaign, as the marketing system names it', kind: 'text' },
      connector('success', 'The connector of the success system'),
    ],
    define: (values) => ({
      when: { type: 'stage', in: ['at_risk'] },
      stopIf: { not: { type: 'stage', in: ['at_risk'] } },
      once: false,
      steps: [
        { connector: values.marketing, kind: 'startJourney', fields: { journey: values.journey } },
        {
          connector: values.success,
          kind: 'createTask',
          fields: {
            title: '{{customer.name}} is at risk',
            body: 'The customer entered the stage at risk. Present risks: {{lifecycle.risks}}',
            dueAt: { days: 1 },
          },
        },
      ],
    }),
  },
  {
    name: 'goodbye',
    summary:
      'A clean-up for each customer who has left and does not return within some days; the mapping of the connector has to name attributes.said_goodbye',
    parameters: [
      connector('connector', 'The connector of the system that keeps the account'),
      { name: 'days', meaning: 'Days in which the customer can return', kind: 'number', default: 3 },
    ],
    define: (values) => ({
      when: { type: 'stage', in: ['churned'] },
      stopIf: { not: { type: 'stage', in: ['churned'] } },
      once: false,
      steps: [
        { wait: { days: values.days } },
        { attribute: 'said_goodbye', value: true },
        { connector: values.connector, kind: 'upsertPerson' },
        {
          connector: values.connector,
          kind: 'createTask',
          fields: { title: 'Close the account of {{customer.name}}', dueAt: { days: 7 } },
        },
      ],
    }),
  },
];

/** @throws DomainError automation_invalid for an unknown one, and for parameters that are unknown, missing or of another type */
export function defineReadyMade(name: string, given: Record<string, unknown>): object {
  const readyMade = READY_MADE.find((one) => one.name === name);
  if (!readyMade) {
    const known = READY_MADE.map((one) => one.name).join(', ');
    throw new DomainError('automation_invalid', `No ready-made automation ${name}; there are ${known}`);
  }
  const { parameters, define } = readyMade;
  const values = { ...Object.fromEntries(parameters.map((one) => [one.name, one.default])), ...given };
  const unknown = Object.keys(given).filter((key) => !parameters.some((one) => one.name === key));
  const problems = [
    ...unknown.map((key) => `parameters: ${JSON.stringify(key.slice(0, 60))} is not a parameter`),
    ...parameters.flatMap((one) => problemOf(one, values[one.name])),
  ];
  if (problems.length > 0)
    throw new DomainError('automation_invalid', 'The parameters have problems', problems);
  return define(values);
}

function problemOf({ name, kind }: ReadyMadeParameter, value: unknown): string[] {
  if (value === undefined) return [`parameters.${name}: missing`];
  if (kind === 'texts') return isTexts(value) ? [] : [`parameters.${name}: a list of texts is expected`];
  const type = kind === 'number' ? 'number' : 'string';
  return typeof value === type ? [] : [`parameters.${name}: a ${type} is expected`];
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}
