const UTM = /^utm_[a-z]{1,20}$/;

/** Where a customer came from, according to Stripe's metadata. */
export interface Acquisition {
  /** `metadata.source`, else `utm_source`, else `unknown`; lower case, at most 64 characters. */
  source: string;
  campaign: string | null;
  referrer: string | null;
  /** All `utm_*` keys as given. */
  utm: Record<string, string>;
}

export function acquisitionOf(metadata: Readonly<Record<string, string>>): Acquisition {
  const utm: Record<string, string> = {};
  for (const key of Object.keys(metadata)) if (UTM.test(key)) utm[key] = metadata[key] as string;
  const source = metadata.source?.trim() || utm.utm_source?.trim() || 'unknown';
  const lower = source.toLowerCase();
  return {
    // Cut by code points: PostgreSQL does not accept half an emoji.
    source: lower.length <= 64 ? lower : [...lower].slice(0, 64).join(''),
    campaign: metadata.campaign ?? utm.utm_campaign ?? null,
    referrer: metadata.referrer ?? null,
    utm,
  };
}
