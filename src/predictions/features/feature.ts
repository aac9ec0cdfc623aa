import { AS_OF_RELATIONS, type AsOfName, type AsOfRelation } from './as-of-relations.js';

/** A number about a customer at a moment: an aggregate over the rows of one as-of relation. */
export interface Feature {
  /** Kept in models. Letters, digits and underscores, and `=` or `:` with a value of the vocabulary. */
  readonly name: string;
  /** For people: “events in the last 7 days”. */
  readonly words: string;
  readonly of: AsOfName;
  /** SQL of the aggregate. `:value` stands for the value that follows \`=\` or \`:\` in the name. */
  readonly sql: string;
  /** The value where the relation has no row; missing if not given. */
  readonly otherwise?: number;
  /** The value of the vocabulary. */
  readonly value?: string;
}

/** SQL that an expression may use beside the columns of its relation. Nothing in it can name another relation. */
const VOCABULARY = new Set(
  `array_agg and asc bit bit_count bit_or bool_or by case coalesce count desc distinct else end false filter float8 floor in int is
   least ln max min not null or order sum then true when where`.split(/\s+/),
);

/**
 * Makes sure that a feature reads only what was known at t0.
 * @throws Error naming the first word that its relation does not have
 */
export function assertAsOf({ name, of, sql }: Feature): void {
  const columns: readonly string[] = (AS_OF_RELATIONS as Record<string, AsOfRelation>)[of]?.columns ?? [];
  const bare = sql.replace(/'[a-z_$]*'/g, '').replace(':value', '');
  const words = bare.match(/[A-Za-z_$"'\\;][\w$]*/g) ?? [];
  const foreign = words.find((word) => !columns.includes(word) && !VOCABULARY.has(word));
  if (foreign !== undefined)
    throw new Error(`The feature ${name} may name the columns of ${of} only, not ${foreign}`);
}
