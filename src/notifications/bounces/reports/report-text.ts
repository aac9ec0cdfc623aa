/**
 * Lines that begin the returned message in a report, as qmail, Exim, Sendmail, Exchange, Courier and others
 * write them.
 */
const RETURNED_MESSAGE = [
  /^[ \t]*-{2,}[ \t]*(below this line is a copy|enclosed is a copy|this is a copy of|the (header|body) of the original|(original|unsent|returned|undelivered|undeliverable|the original) message\b|message (header|text|body)|original (mail|header))/im,
  /^(message headers|original message|original headers|the original message|the message header)s? follows?\b/im,
  /^(original message( headers)?|original headers|included is a copy of the message|the headers of the original message)\b.{0,20}:[ \t]*$/im,
  /^(return-path|received|dkim-signature|x-[\w-]{1,60}) ?:/im,
];

/** The text of a report before the returned message. */
export function ownText(text: string): string {
  const ends = RETURNED_MESSAGE.map((line) => text.search(line)).filter((at) => at >= 0);
  return text.slice(0, Math.min(text.length, ...ends));
}

/** What a report says about one recipient. */
export interface TextBlock {
  /** Null if the text names no recipient on a line of its own. */
  recipient: string | null;
  words: string;
}

const RECIPIENT_LINE =
  /^[ \t]{0,12}["<]?([^\s<>"()[\]:;,]+@[^\s<>"()[\]:;,]+)[">]?(?:<mailto:[^>]*>)?(?=[:\s]|$)/;

/**
 * Splits a report's own text at the lines that begin with a recipient. With fewer than two, the whole text is
 * one block.
 */
export function textBlocks(text: string): TextBlock[] {
  const blocks: (TextBlock & { recipient: string })[] = [];
  for (const line of text.split('\n')) {
    const recipient = RECIPIENT_LINE.exec(line)?.[1]?.toLowerCase();
    const known = blocks.find((block) => block.recipient === recipient);
    if (recipient !== undefined && !known) blocks.push({ recipient, words: line });
    else if (blocks.length > 0) (known ?? (blocks.at(-1) as TextBlock)).words += `\n${line}`;
  }
  if (blocks.length < 2) return [{ recipient: blocks[0]?.recipient ?? null, words: text }];
  return blocks;
}
