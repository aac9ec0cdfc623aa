/** Readable text needs this ratio to its background (WCAG 2.2 AA, 1.4.3). */
const MIN_CONTRAST = 4.5;
/** Coloured text on dark needs more to be as easy to read (1.4.6). */
const MIN_CONTRAST_DARK = 7;
const STEPS = 40;

/** The backgrounds that text and links stand on. */
export const BACKGROUND = { light: '#ffffff', dark: '#18212a' } as const;
/** The light page around it: the darker of the two, so what is readable here is so on both. */
const PAGE = '#eef2f1';

/** Colours made of the brand's, readable whichever it is. */
export interface BrandPalette {
  button: string;
  /** Of the text on a button. */
  buttonText: string;
  /** Of links on a light background, and of whatever else is to have the brand's colour there. */
  link: string;
  /** The same on a dark one. */
  linkDark: string;
}

/** @param color `#rrggbb` */
export function paletteOf(color: string): BrandPalette {
  const onWhite = contrastOf(color, '#ffffff');
  return {
    button: color,
    buttonText: onWhite >= MIN_CONTRAST ? '#ffffff' : '#000000',
    link: readableOn(PAGE, color, '#000000'),
    linkDark: readableOn(BACKGROUND.dark, color, '#ffffff', MIN_CONTRAST_DARK),
  };
}

/** The contrast ratio of two colours, 1 to 21 (WCAG 2.2). */
export function contrastOf(a: string, b: string): number {
  const [lighter = 0, darker = 0] = [luminanceOf(a), luminanceOf(b)].toSorted((x, y) => y - x);
  return (lighter + 0.05) / (darker + 0.05);
}

/** The colour, mixed with as little of `pole` as makes it readable on a background. */
function readableOn(background: string, color: string, pole: string, contrast = MIN_CONTRAST): string {
  for (let step = 0; step < STEPS; step += 1) {
    const mixed = mix(color, pole, step / STEPS);
    if (contrastOf(mixed, background) >= contrast) return mixed;
  }
  return pole;
}

function mix(color: string, pole: string, share: number): string {
  const channels = channelsOf(color).map((channel, index) =>
    Math.round(channel + ((channelsOf(pole)[index] ?? 0) - channel) * share),
  );
  return `#${channels.map((channel) => channel.toString(16).padStart(2, '0')).join('')}`;
}

function luminanceOf(color: string): number {
  const [r = 0, g = 0, b = 0] = channelsOf(color).map((channel) => {
    const share = channel / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function channelsOf(color: string): number[] {
  return [1, 3, 5].map((start) => Number.parseInt(color.slice(start, start + 2), 16));
}
