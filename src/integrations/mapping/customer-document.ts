/** Everything that a mapping can read about a customer. Times are ISO 8601. */
export interface CustomerDocument {
  customer: {
    id: string;
    stripeCustomerId: string;
    email: string;
    name: string | null;
    phone: string | null;
    currency: string | null;
    country: string | null;
    createdAt: string;
    deletedAt: string | null;
    livemode: boolean;
    metadata: Record<string, string>;
  };
  user: { id: string | null };
  lifecycle: {
    stage: string | null;
    stageEnteredAt: string | null;
    risks: string[];
    /** Milestone → when it was reached. */
    milestones: Record<string, string>;
  };
  revenue: {
    /** Monthly recurring revenue in minor units, by currency. */
    mrr: Record<string, number>;
  };
  preferences: { locale: string; timezone: string };
  /** Names of segments. */
  segments: string[];
  /** What automations keep about the customer. */
  attributes: Record<string, string | number | boolean>;
}

/** A path without free keys. */
export const DOCUMENT_PATHS = [
  'customer.id',
  'customer.stripeCustomerId',
  'customer.email',
  'customer.name',
  'customer.phone',
  'customer.currency',
  'customer.country',
  'customer.createdAt',
  'customer.deletedAt',
  'customer.livemode',
  'user.id',
  'lifecycle.stage',
  'lifecycle.stageEnteredAt',
  'lifecycle.risks',
  'preferences.locale',
  'preferences.timezone',
  'segments',
] as const;

/** Paths that end with a key of the installation: a metadata key, a milestone, a currency, an attribute. */
export const OPEN_PATHS = ['customer.metadata', 'lifecycle.milestones', 'revenue.mrr', 'attributes'] as const;

export type DocumentPath = (typeof DOCUMENT_PATHS)[number] | `${(typeof OPEN_PATHS)[number]}.${string}`;

/** Whether a mapping may name the path. */
export function isDocumentPath(path: string): path is DocumentPath {
  return (
    DOCUMENT_PATHS.some((known) => known === path) ||
    OPEN_PATHS.some((open) => path.startsWith(`${open}.`) && path.length > open.length + 1)
  );
}

/** The value at a path; undefined without one. A key may hold dots. */
export function valueAt(document: CustomerDocument, path: DocumentPath): unknown {
  const open = OPEN_PATHS.find((one) => path.startsWith(`${one}.`));
  const keys = open ? [...open.split('.'), path.slice(open.length + 1)] : path.split('.');
  let value: unknown = document;
  for (const key of keys) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return value ?? undefined;
}
