const UTM = /^utm_[a-z]{1,20}$/;

/** Where a customer came from, as the metadata tell. */
export interface Acquisition {
  /** `metadata.source`, else `utm_source`, else `unknown`; lower case, at most 64 characters. */
  source: string;
  campaign: string | null;
  referrer: string | null;
  /** All `utm_*` keys as given. */
  utm: Record<string, string>;
}

export function acquisitionOf(metadata: Readonly<Record<string, string>>): Acquisition {
  const utm = Object.fromEntries(Object.entries(metadata).filter(([key]) => UTM.test(key)));
  const source = metadata.source?.trim() || utm.utm_source?.trim() || 'unknown';
  return {
    // By code points: half an emoji is no text that PostgreSQL accepts.
    source: [...source.toLowerCase()].slice(0, 64).join(''),
    campaign: metadata.campaign ?? utm.utm_campaign ?? null,
    referrer: metadata.referrer ?? null,
    utm,
  };
}
