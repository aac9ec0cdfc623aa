import { hash } from 'node:crypto';

/**
 * The key by which a repeated message is recognised. Another user, or another visitor, with the same id of a message has
 * another key: clients of different users cannot suppress the events of one another.
 */
export function messageKeyOf(messageId: string, userId: string | null, anonymousId: string | null): string {
  return keyOf(userId === null ? ['visitor', anonymousId ?? '', messageId] : ['user', userId, messageId]);
}

/** The key of a fact, from its cause. It differs from the key of every message. */
export function factKeyOf(name: string, ...cause: string[]): string {
  return keyOf(['fact', name, ...cause]);
}

/** The first 16 bytes of SHA-256, as a UUID. No part has a NUL. */
function keyOf(parts: readonly string[]): string {
  const hex = hash('sha256', parts.join('\0'));
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;
}
