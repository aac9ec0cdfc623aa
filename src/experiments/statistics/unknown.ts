/** Why a figure cannot be given. */
export const UNKNOWN_REASONS = [
  'no_units',
  'too_few_units',
  'baseline_is_zero',
  'baseline_is_uncertain',
  'no_variance',
] as const;
export type UnknownReason = (typeof UNKNOWN_REASONS)[number];

/** Takes the place of a figure that cannot be given, so that none is ever NaN. */
export interface Unknown {
  unknown: UnknownReason;
}

export function isUnknown<T extends object>(figure: T | Unknown): figure is Unknown {
  return 'unknown' in figure;
}
