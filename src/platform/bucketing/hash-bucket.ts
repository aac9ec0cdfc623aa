/** FNV-1a with 32 bits over UTF-16 code units. */
function fnv32a(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}

/** A number from 0 to 0.9999 that spreads units evenly: version 2 of GrowthBook's hash. */
export function bucketOf(seed: string, unit: string): number {
  return (fnv32a(String(fnv32a(seed + unit))) % 10_000) / 10_000;
}

/** The unit's place in a namespace, from 0 to 0.999: version 1 of GrowthBook's hash, which its namespaces use. */
export function namespaceBucketOf(unit: string, namespace: string): number {
  return (fnv32a(`${unit}__${namespace}`) % 1000) / 1000;
}
