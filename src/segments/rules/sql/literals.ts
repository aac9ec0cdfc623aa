import pg from 'pg';

/** A text as a constant of SQL. @throws Error for texts that PostgreSQL cannot store; `parseRule` refuses them */
export function literal(text: string): string {
  if (text.includes('\0') || !text.isWellFormed()) throw new Error('PostgreSQL cannot store this text');
  return pg.escapeLiteral(text);
}

/** A number as a constant of type float8, which is the number of JavaScript. */
export function float(value: number): string {
  return `${literal(String(value))}::float8`;
}

/** A pattern that means the same in JavaScript and in PostgreSQL. */
export function matches(text: string, pattern: RegExp): string {
  return `${text} collate "C" ~ ${literal(pattern.source)}`;
}

/**
 * A time in whole milliseconds since 1970, as float8. PostgreSQL has microseconds, of which float8 keeps a bit too much
 * or too little: half of one is added, so that a whole millisecond does not become the one before it.
 */
export function milliseconds(time: string): string {
  return `floor(date_part('epoch', ${time}) * 1000 + 0.0005)`;
}
