const LANGUAGES_MAX = 10;

/** The languages a browser asks for (`Accept-Language: es-MX,es;q=0.9`), the dearest first. */
export function acceptedLanguages(header: string | undefined): string[] {
  return (header ?? '')
    .split(',', LANGUAGES_MAX)
    .map((part) => {
      const [tag = '', quality] = part.split(';');
      const q = Number(/^\s*q=([\d.]{1,5})\s*$/.exec(quality ?? 'q=1')?.[1] ?? Number.NaN);
      return { tag: tag.trim(), q };
    })
    .filter(({ tag, q }) => /^[A-Za-z0-9-]{2,35}$/.test(tag) && q > 0 && q <= 1)
    .toSorted((a, b) => b.q - a.q)
    .map(({ tag }) => tag);
}
