import { hash } from 'node:crypto';

/** The key by which a repeated message is recognised: the first 16 bytes of SHA-256 of its id, as a UUID. */
export function messageKeyOf(messageId: string): string {
  const hex = hash('sha256', messageId);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;
}

/** The key of a fact, from its cause. It differs from the key of every message, because the id of a message has no NUL. */
export function factKeyOf(name: string, ...cause: string[]): string {
  return messageKeyOf(['fact', name, ...cause].join('\0'));
}
