/** The value of one counter or gauge of a service; 0 while it has not been counted. */
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
