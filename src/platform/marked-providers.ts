import type { DiscoverableDecorator, DiscoveryService } from '@nestjs/core';

/**
 * The instances of the providers with a decorator, by the names in the decorator.
 * @param noun for the error message
 * @throws if two providers have the same name, or a required name has none, so that the boot fails
 */
export function providersMarkedBy<N extends string, P>(
  discovery: DiscoveryService,
  decorator: DiscoverableDecorator<N> | DiscoverableDecorator<N | N[]>,
  noun: string,
  required: readonly N[] = [],
): Map<N, P> {
  const providers = new Map<N, P>();
  for (const provider of discovery.getProviders()) {
    const marked: unknown = provider.metatype && discovery.getMetadataByDecorator(decorator, provider);
    for (const name of [marked || []].flat() as N[]) {
      if (providers.has(name)) throw new Error(`Two providers for the ${noun} "${name}"`);
      providers.set(name, provider.instance as P);
    }
  }
  const missing = required.filter((name) => !providers.has(name));
  if (missing.length > 0) throw new Error(`No provider for the ${noun} "${missing.join('", "')}"`);
  return providers;
}
