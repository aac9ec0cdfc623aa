/** A plain text as HTML, with its lines. */
export function htmlOf(text: string): string {
  const escaped = text.replaceAll(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`);
  return escaped.replaceAll(/\r?\n/g, '<br>');
}

/** The fields whose names begin with a part of the record, without that part: `account.name` is `name` of the account. */
export function fieldsOf<T>(part: string, fields: Readonly<Record<string, T>>): Record<string, T> {
  const own = Object.entries(fields).filter(([name]) => name.startsWith(part));
  return Object.fromEntries(own.map(([name, value]) => [name.slice(part.length), value]));
}
