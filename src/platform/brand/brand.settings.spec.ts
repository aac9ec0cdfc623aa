import { describe, expect, it } from 'vitest';
import { BrandSettings } from './brand.settings.js';

describe('the settings of the brand', () => {
  it.each([
    [{ MAIL_FROM: 'MINGUS <hello@mingus.app>' }, 'hello@mingus.app'],
    [{ MAIL_FROM: 'hello@mingus.app' }, 'hello@mingus.app'],
    [{ MAIL_FROM: 'hello@mingus.app', SUPPORT_EMAIL: 'help@mingus.app' }, 'help@mingus.app'],
  ])('give people who need help an address with %j: %s', (env, address) => {
    expect(new BrandSettings(env).supportEmail).toBe(address);
  });
});
