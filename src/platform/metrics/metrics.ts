import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { type MetricDefinition, type MetricName, METRICS } from './metric-catalogue.js';

type NameOf<Type extends MetricDefinition['type']> = {
  [Name in MetricName]: (typeof METRICS)[Name]['type'] extends Type ? Name : never;
}[MetricName];

type LabelOf<Name extends MetricName> = (typeof METRICS)[Name] extends { labels: infer Labels }
  ? keyof Labels & string
  : never;

/** @param collect called at each scrape, to read a value that is counted elsewhere */
export function counter<Name extends NameOf<'counter'>>(
  registry: Registry,
  name: Name,
  collect?: (counter: Counter<LabelOf<Name>>) => void,
): Counter<LabelOf<Name>> {
  const made: Counter<LabelOf<Name>> = new Counter({
    ...described(name, registry),
    ...(collect ? { collect: () => collect(made) } : {}),
  });
  return made;
}

/** @param collect called at each scrape, to measure */
export function gauge<Name extends NameOf<'gauge'>>(
  registry: Registry,
  name: Name,
  collect?: (gauge: Gauge<LabelOf<Name>>) => void | Promise<void>,
): Gauge<LabelOf<Name>> {
  const made: Gauge<LabelOf<Name>> = new Gauge({
    ...described(name, registry),
    ...(collect ? { collect: () => collect(made) } : {}),
  });
  return made;
}

export function histogram<Name extends NameOf<'histogram'>>(
  registry: Registry,
  name: Name,
): Histogram<LabelOf<Name>> {
  return new Histogram({ ...described(name, registry), buckets: [...METRICS[name].buckets] });
}

function described<Name extends MetricName>(name: Name, registry: Registry) {
  const { help, labels = {} }: MetricDefinition = METRICS[name];
  return { name, help, labelNames: Object.keys(labels) as LabelOf<Name>[], registers: [registry] };
}
