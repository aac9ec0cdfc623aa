/** Most texts have only these characters, and none that is invisible. */
const PRINTABLE_ASCII = /^[ -~]*$/;

/** The characters that can stand before and after a joiner: letters with their marks, and pictures. */
const BEFORE = String.raw`\p{L}\p{M}\p{Extended_Pictographic}\p{Emoji_Modifier}`;
const AFTER = String.raw`\p{L}\p{M}\p{Extended_Pictographic}`;
/** Joiners that join nothing. */
const STRAY_JOINERS = new RegExp(`(?<![${BEFORE}])[\u200C\u200D]+|[\u200C\u200D]+(?![${AFTER}])`, 'gu');

/**
 * A text without formatting characters: direction marks, soft hyphens, zero-width spaces. Joiners (U+200C,
 * U+200D) inside a word stay, because Persian, Hindi and other languages and many emoji need them.
 */
export function withoutFormatting(text: string): string {
  if (PRINTABLE_ASCII.test(text)) return text;
  return text.replace(/[^\P{Cf}\u200C\u200D]+/gu, '').replace(STRAY_JOINERS, '');
}

/** A text without any joiner, as it looks to readers. */
export function withoutJoiners(text: string): string {
  return text.replace(/[\u200C\u200D]+/g, '');
}

/** Scripts whose words have no joiners. */
const WITHOUT_JOINERS = String.raw`\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Script=Common}`;
const JOINED = String.raw`(?![${WITHOUT_JOINERS}])[\p{L}\p{M}]`;
const INVISIBLE = new RegExp(
  `[^\\P{DI}\u200C\u200D]|[\uFFF9-\uFFFB]|(?<!${JOINED})[\u200C\u200D]|[\u200C\u200D](?!${JOINED})`,
  'gu',
);

/**
 * A mail address without characters that readers do not see and that come with copied text: zero-width spaces, soft
 * hyphens, byte order marks, direction marks, fillers. Joiners stay in scripts that need them.
 */
export function withoutInvisible(address: string): string {
  if (PRINTABLE_ASCII.test(address)) return address;
  return address.replace(INVISIBLE, '');
}
