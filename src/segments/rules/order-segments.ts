/** An order in which each segment follows those that it mentions; or the names on a cycle, each mentioning the next. */
export type SegmentOrder = { order: string[] } | { cycle: string[] };

/**
 * Orders segments. Names that are mentioned but are no key are left out.
 * @param mentions the names in the rule of each segment
 */
export function orderSegments(mentions: ReadonlyMap<string, readonly string[]>): SegmentOrder {
  const order = new Set<string>();
  for (const start of mentions.keys()) {
    const path: { name: string; open: string[] }[] = order.has(start) ? [] : [step(start, mentions)];
    for (let last = path.at(-1); last; last = path.at(-1)) {
      const next = last.open.pop();
      if (next === undefined) {
        order.add(last.name);
        path.pop();
      } else {
        const first = path.findIndex(({ name }) => name === next);
        if (first >= 0) return { cycle: path.slice(first).map(({ name }) => name) };
        if (mentions.has(next) && !order.has(next)) path.push(step(next, mentions));
      }
    }
  }
  return { order: [...order] };
}

function step(name: string, mentions: ReadonlyMap<string, readonly string[]>) {
  return { name, open: [...(mentions.get(name) ?? [])] };
}
