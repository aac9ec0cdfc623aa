import type { Feature } from '../features/feature.js';
import type { Contribution } from '../models/explain-row.js';
import type { ReasonDto } from './customer-prediction.dto.js';

const IS_FLAG = /^bool_or\(|\)::int$/;

/** A contribution in words: “events in the last 7 days: 0 → −0.8”. */
export function reasonOf({ feature: name, value, contribution }: Contribution, feature: Feature): ReasonDto {
  const text = `${feature.words}: ${valueInWords(value, feature)} → ${signed(contribution)}`;
  return { feature: name, text, value, contribution };
}

function valueInWords(value: number | null, { sql }: Feature): string {
  if (value === null) return 'unknown';
  if (IS_FLAG.test(sql)) return value === 1 ? 'yes' : 'no';
  return String(Math.round(value * 10) / 10);
}

function signed(contribution: number): string {
  const size = Math.abs(contribution).toFixed(2);
  return contribution < 0 ? `−${size}` : `+${size}`;
}
