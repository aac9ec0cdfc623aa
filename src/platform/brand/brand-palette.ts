/** The contrast that readable text needs to its background (WCAG 2.2 AA, 1.4.3). */
const MIN_CONTRAST = 4.5;
/** Coloured text on a dark background needs more contrast (1.4.6). */
const MIN_CONTRAST_DARK = 7;
const STEPS = 40;

/** The backgrounds of text and links. */
export const BACKGROUND = { light: '#ffffff', dark: '#18212a' } as const;
/**
 * The light page around it. It is the darker of the two, so a colour that is readable here is readable on
 * both.
 */
const PAGE = '#eef2f1';

/** Readable colours, derived from the colour of the brand. */
export interface BrandPalette {
  button: string;
  /** The text on a button. */
  buttonText: string;
  /** Links and other branded elements on a light background. */
  link: string;
  /** The same on a dark background. */
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

/** The colour, mixed with the least amount of `pole` that makes it readable on the background. */
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
