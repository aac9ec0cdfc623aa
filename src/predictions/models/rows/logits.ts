/** The probability of a logit. */
export function probabilityOf(logit: number): number {
  return logit >= 0 ? 1 / (1 + Math.exp(-logit)) : Math.exp(logit) / (1 + Math.exp(logit));
}

/** The logit of a probability between 0 and 1. */
export function logitOf(probability: number): number {
  return Math.log(probability / (1 - probability));
}

/** −ln of the probability that a logit gives to a label; exact also where the probability rounds to 0 or 1. */
export function lossOf(logit: number, label: number): number {
  const against = label === 1 ? -logit : logit;
  return against > 0 ? against + Math.log1p(Math.exp(-against)) : Math.log1p(Math.exp(against));
}
