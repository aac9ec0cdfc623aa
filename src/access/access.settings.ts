import { randomBytes } from 'node:crypto';
import { secretKey } from '../platform/settings/rule.js';
import { settings } from '../platform/settings/settings.js';

const generate = () => randomBytes(24).toString('hex');

/** The two keys that come from the environment. All others are in the database. */
export class AccessSettings extends settings(
  'Access',
  {
    adminApiKey: {
      name: 'ADMIN_API_KEY',
      rule: secretKey,
      required: 'in production',
      generate,
      isSecret: true,
      meaning:
        'Opens `/admin` until there is a key with the role `admin`. From then on it only opens `/admin/api-keys`.',
    },
    serviceApiKey: {
      name: 'SERVICE_API_KEY',
      rule: secretKey,
      generate,
      isSecret: true,
      meaning:
        'The bearer key of the MINGUS application for `/users/…`. Without one these routes accept only keys from the database with the role `service`.',
    },
  },
  {
    problemsOf: ({ ADMIN_API_KEY, SERVICE_API_KEY }) =>
      SERVICE_API_KEY === ADMIN_API_KEY && secretKey.read(SERVICE_API_KEY ?? '')
        ? ['SERVICE_API_KEY and ADMIN_API_KEY must differ']
        : [],
  },
) {}
