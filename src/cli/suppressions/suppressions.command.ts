import type { INestApplicationContext } from '@nestjs/common';
import { SuppressionReview } from '../../notifications/suppressions/suppression-review.service.js';
import type { Output } from '../output.js';
import { EXIT } from '../task.js';

/** Prints the suppressions that the present rules would not make, and lifts them if requested. */
export async function reviewSuppressions(
  app: INestApplicationContext,
  { isLift }: { isLift: boolean },
  output: Output,
): Promise<number> {
  const review = app.get(SuppressionReview, { strict: false });
  const suppressions: object[] = [];
  let count = 0;
  for await (const suppression of review.unfounded()) {
    const { id, address, source, createdAt } = suppression;
    if (isLift) await review.lift(suppression);
    output.line([id, createdAt.toISOString(), source, address].join('  '));
    if (output.isJson) suppressions.push({ id, createdAt, source, address });
    count += 1;
  }
  output.document({ lifted: isLift, suppressions });
  output.note(isLift ? `${count} lifted` : `${count} found; --lift removes them from the list`);
  return EXIT.done;
}
