import { oneOf } from '../settings/rule.js';
import { settings } from '../settings/settings.js';

export class LogSettings extends settings('Log', {
  level: {
    name: 'LOG_LEVEL',
    rule: oneOf('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'),
    default: 'info',
    meaning: 'The least important lines that are logged. `debug` traces each event step by step.',
  },
}) {}
