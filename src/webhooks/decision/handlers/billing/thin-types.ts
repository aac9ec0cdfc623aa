/** The types of snapshot events, and those of their thin twins. */
export function withThinTypes(types: readonly string[]): string[] {
  return types.flatMap((type) => [type, `v1.${type}`]);
}
