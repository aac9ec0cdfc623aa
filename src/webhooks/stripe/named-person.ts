import { comparable } from '../../platform/mail-address.js';
import { isRecord } from './received-event.js';

const ADDRESS_MAX_LENGTH = 320;
const ADDRESS = /^[^\p{Cc}\p{Cs}]+$/u;
const USER_ID = /^[^\p{Cc}\p{Cs}\uFFFD]{1,64}$/u;

/** The normalised address in a customer object, which may be an invalid object; null if it has none. */
export function addressIn(object: unknown): string | null {
  const email = isRecord(object) && typeof object.email === 'string' ? withoutFrame(object.email.trim()) : '';
  return ADDRESS.test(email) ? comparable(email).slice(0, ADDRESS_MAX_LENGTH) || null : null;
}

/**
 * The first address in `Ada <ada@example.com>`, a `mailto:` link or a list, which is the one that operators
 * search for.
 */
function withoutFrame(text: string): string {
  const address = /[<>,;]|^mailto:/i.test(text) ? /[^\s<>,;:"()]+@[^\s<>,;:"()]+/.exec(text) : null;
  return address?.[0] ?? text;
}

/**
 * The user in the metadata of a customer object, which may be an invalid object; null if they name no user.
 */
export function userIdIn(object: unknown): string | null {
  const metadata = isRecord(object) && isRecord(object.metadata) ? object.metadata : {};
  const userId = typeof metadata.mingus_user_id === 'string' ? metadata.mingus_user_id.trim() : '';
  return USER_ID.test(userId) ? userId : null;
}
