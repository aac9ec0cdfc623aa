/** The value of a service's counter or gauge; 0 if it was not counted yet. */
export async function readMetric(
  url: string,
  name: string,
  labels: Record<string, string> = {},
): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const expected = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  const line = text
    .split('\n')
    .find((candidate) => candidate.startsWith(name) && expected.every((part) => candidate.includes(part)));
  return line ? Number(line.split(' ').at(-1)) : 0;
}
