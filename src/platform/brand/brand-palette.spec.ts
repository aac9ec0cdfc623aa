import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BACKGROUND, contrastOf, paletteOf } from './brand-palette.js';

const colors = fc
  .integer({ min: 0, max: 0xffffff })
  .map((value) => `#${value.toString(16).padStart(6, '0')}`);

describe('the colours of a brand', () => {
  it('are readable on buttons, on light and on dark backgrounds, for any brand', () => {
    fc.assert(
      fc.property(colors, (color) => {
        const { button, buttonText, link, linkDark } = paletteOf(color);

        expect(contrastOf(buttonText, button)).toBeGreaterThanOrEqual(4.5);
        expect(contrastOf(link, BACKGROUND.light)).toBeGreaterThanOrEqual(4.5);
        expect(contrastOf(linkDark, BACKGROUND.dark)).toBeGreaterThanOrEqual(7);
      }),
    );
  });

  it('are the brand colour itself where that is readable', () => {
    expect(paletteOf('#0b6e4f')).toMatchObject({ button: '#0b6e4f', buttonText: '#ffffff', link: '#0b6e4f' });
    expect(paletteOf('#ffcc00')).toMatchObject({
      button: '#ffcc00',
      buttonText: '#000000',
      linkDark: '#ffcc00',
    });
  });
});

describe('the contrast of two colours', () => {
  it.each([
    ['#000000', '#ffffff', 21],
    ['#ffffff', '#ffffff', 1],
    ['#767676', '#ffffff', 4.54],
  ])('%s and %s is %d', (a, b, expected) => {
    expect(contrastOf(a, b)).toBeCloseTo(expected, 2);
    expect(contrastOf(b, a)).toBeCloseTo(expected, 2);
  });
});
