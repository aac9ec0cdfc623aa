import { randomBytes } from 'node:crypto';
import { secretKeys } from '../settings/rule.js';
import { settings } from '../settings/settings.js';

export class MessageLinkSettings extends settings('Links in messages', {
  /** The first key signs, all keys verify. */
  signingKeys: {
    name: 'LINK_SIGNING_KEYS',
    rule: secretKeys,
    required: 'in production',
    generate: () => randomBytes(24).toString('hex'),
    isSecret: true,
    meaning:
      'Signs the links to preferences and to unsubscribe. To change the key put the new one first and keep the old ones: without them the links in old mails stop working.',
  },
}) {}
