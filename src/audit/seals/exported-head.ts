/** The hash of a seal, exported from the database. */
export interface ExportedHead {
  seal: number;
  hash: string;
}

/** Reads `17:<hash>` at the end of a line; null if there is none. */
export function toHead(line: string): ExportedHead | null {
  const [, seal, hash] = /(?:^|\s)([1-9]\d{0,14}):([0-9a-f]{64})\s*$/.exec(line) ?? [];
  return seal && hash ? { seal: Number(seal), hash } : null;
}
