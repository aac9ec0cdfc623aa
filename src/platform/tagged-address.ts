/** The maximum number of resends with their own mail ids. */
const RESENDS_TAGGED_MAX = 9999;
/** RFC 5321 4.5.3.1: octets before the `@`, and of the whole address without its brackets. */
const LOCAL_PART_MAX = 64;
const ADDRESS_MAX = 254;

/**
 * The id of a mail: the id of its notification, and the number of the resend if an operator sent it again.
 */
export function mailIdOf(notificationId: string, resends: number): string {
  return resends === 0 ? notificationId : `${notificationId}.${Math.min(resends, RESENDS_TAGGED_MAX)}`;
}

/** `bounces@…` with the mail's id: `bounces+<id>@…`. */
export function taggedAddress(address: string, mailId: string): string {
  return address.replace(/@(?=[^@]*$)/, `+${mailId}@`);
}

const LONGEST_MAIL_ID = mailIdOf('00000000-0000-0000-0000-000000000000', RESENDS_TAGGED_MAX);
/** The maximum length of a local part with room for the longest tag. */
export const TAGGABLE_MAX = LOCAL_PART_MAX - LONGEST_MAIL_ID.length - 1;

/** Whether an address is valid with every tag. A quoted local part allows no tag. */
export function isTaggable(address: string): boolean {
  const tagged = taggedAddress(address, LONGEST_MAIL_ID);
  const local = tagged.slice(0, tagged.lastIndexOf('@'));
  return (
    !local.startsWith('"') &&
    Buffer.byteLength(local) <= LOCAL_PART_MAX &&
    Buffer.byteLength(tagged) <= ADDRESS_MAX
  );
}
