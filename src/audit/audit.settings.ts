import { matching } from '../platform/settings/rule.js';
import { settings } from '../platform/settings/settings.js';

export class AuditSettings extends settings('Audit', {
  headsFile: {
    name: 'AUDIT_HEADS_FILE',
    rule: matching(/^\/[^\0]+$/, 'must be an absolute path'),
    otherwise: 'they are only logged',
    meaning:
      'A file that the hashes of the sealed audit trail are appended to, best on storage that the owner of the database cannot write. They are logged in any case.',
  },
}) {}
