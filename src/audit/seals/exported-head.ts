/** The hash of a seal, as somebody outside of the database knows it. */
export interface ExportedHead {
  seal: number;
  hash: string;
}

/** `17:<hash>` at the end of a line, or null when there is none. */
export function toHead(line: string): ExportedHead | null {
  const [, seal, hash] = /(?:^|\s)([1-9]\d{0,14}):([0-9a-f]{64})\s*$/.exec(line) ?? [];
  return seal && hash ? { seal: Number(seal), hash } : null;
}
