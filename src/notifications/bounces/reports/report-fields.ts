/** Fields of one recipient in a report (RFC 3464 2.3). Names are in lower case. */
export type ReportFields = ReadonlyMap<string, string>;

const OF_RECIPIENT = ['final-recipient', 'original-recipient', 'action', 'status', 'diagnostic-code'];

/**
 * Splits header-like fields into groups, at empty lines or at a repeated field. Folded lines are joined.
 * Blanks before a colon are allowed, because some systems write them.
 */
export function fieldGroups(text: string): ReportFields[] {
  const groups: Map<string, string>[] = [];
  for (const paragraph of text
    .replaceAll('\r\n', '\n')
    .replace(/\n[ \t]+(?=\S)/g, ' ')
    .split(/\n[ \t]*\n/)) {
    let group = new Map<string, string>();
    for (const line of paragraph.split('\n')) {
      const [, name, value = ''] = /^([A-Za-z][A-Za-z-]{0,63})[ \t]*:(.*)$/.exec(line) ?? [];
      if (!name) continue;
      if (group.has(name.toLowerCase())) {
        groups.push(group);
        group = new Map();
      }
      group.set(name.toLowerCase(), value.trim());
    }
    if (group.size > 0) groups.push(group);
  }
  return groups;
}

/** The groups that are about a recipient. A group that repeats no field of the one before it is merged into it. */
export function recipientGroups(text: string): ReportFields[] {
  const groups: Map<string, string>[] = [];
  for (const fields of fieldGroups(text)) {
    if (!OF_RECIPIENT.some((name) => fields.has(name))) continue;
    const last = groups.at(-1);
    const isOfLast = last !== undefined && ![...fields.keys()].some((name) => last.has(name));
    if (isOfLast) for (const [name, value] of fields) last.set(name, value);
    else groups.push(new Map(fields));
  }
  return groups;
}

/** The addresses in the given fields, such as `rfc822; ada@example.com`, `<ada@example.com>` or `ada@example.com`. */
export function addressesIn(fields: ReportFields | undefined, ...names: string[]): string[] {
  return names
    .map(
      (name) =>
        fields
          ?.get(name)
          ?.replace(/^[\w-]+ *; */, '')
          .trim()
          .replace(/^<(.*)>$/, '$1') ?? '',
    )
    .filter((address) => address.includes('@'));
}
