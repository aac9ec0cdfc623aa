import { settings } from '../settings/settings.js';
import { secretKeyRing } from './secret-keys.js';

export class SecretsSettings extends settings('Secrets', {
  keys: {
    name: 'SECRETS_KEYS',
    rule: secretKeyRing,
    isSecret: true,
    otherwise: 'secrets can only be references to variables of the environment',
    meaning:
      'The keys that encrypt the stored secrets of connectors, as `id:key` with commas between them; a key is 32 random bytes in base64. The first one encrypts, all decrypt. To rotate, put a new key in front, restart all processes, run `mingus secrets rotate`, and remove the old key.',
  },
}) {}
