/** A plain text as HTML, with its lines. */
export function htmlOf(text: string): string {
  const escaped = text.replaceAll(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`);
  return escaped.replaceAll(/\r?\n/g, '<br>');
}

/** A text of at most so many characters (UTF-16 units). A pair of surrogates is never torn. */
export function cutTo(text: string, length: number): string {
  if (text.length <= length) return text;
  const cut = text.slice(0, length - 1).replace(/[\uD800-\uDBFF]$/, '');
  return `${cut}…`;
}

/** What a system says about a row, without the email addresses in it. */
export function withoutAddresses(text: string): string {
  return text.replaceAll(/[^\s"'<>]+@[^\s"'<>]+/g, '<address>');
}

/** The header of HTTP basic authentication. */
export function basicAuthorization(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}
