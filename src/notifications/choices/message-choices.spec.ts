import { describe, expect, it } from 'vitest';
import { DEFAULT_NOTIFICATIONS } from '../../customers/customer-defaults.js';
import { isWanted, withForm, without, withoutAnything } from './message-choices.js';

const CHOICES = { notifications: DEFAULT_NOTIFICATIONS, locale: 'es-MX' };

describe('a message is wanted', () => {
  it.each([
    ['when nothing was chosen', {}, 'onboarding_guide', true],
    ['when it was', { onboarding_guide: { email: true } }, 'onboarding_guide', true],
    ['not when it was not', { onboarding_guide: { email: false } }, 'onboarding_guide', false],
    ['when only another channel was not', { onboarding_guide: { in_app: false } }, 'onboarding_guide', true],
    ['not when anything new is not', { '*': { email: false } }, 'onboarding_guide', false],
    [
      'when it is, and anything new is not',
      { '*': { email: false }, onboarding_guide: { email: true } },
      'onboarding_guide',
      true,
    ],
    ['when the account needs it, even if all else is not', { '*': { email: false } }, 'portal_access', true],
    [
      'not when the account needs it, but MINGUS has turned it off',
      { welcome: { email: false } },
      'welcome',
      false,
    ],
  ])('%s', (_, chosen, kind, wanted) => {
    expect(isWanted(chosen as typeof DEFAULT_NOTIFICATIONS, kind, 'email')).toBe(wanted);
  });
});

describe('choices', () => {
  it('without one message are otherwise the same', () => {
    expect(without(CHOICES, 'onboarding_guide', 'email')).toEqual({
      ...CHOICES,
      notifications: { ...DEFAULT_NOTIFICATIONS, onboarding_guide: { email: false } },
    });
  });

  it('without anything keep what is necessary, here and elsewhere in MINGUS', () => {
    const { notifications } = withoutAnything({
      ...CHOICES,
      notifications: { ...DEFAULT_NOTIFICATIONS, product_updates: { email: true, sms: true } },
    });

    expect(notifications).toEqual({
      ...DEFAULT_NOTIFICATIONS,
      onboarding_guide: { email: false, in_app: false },
      product_updates: { email: false, in_app: false, sms: false },
      '*': { email: false, in_app: false },
    });
  });

  it('are not stored where the form says what is so anyway', () => {
    expect(
      withForm(CHOICES, { '*.email': 'on', 'onboarding_guide.email': 'on', language: 'es' }, 'es'),
    ).toEqual(CHOICES);
  });

  it('of an old page leave alone what it did not show', () => {
    const chosen = withForm(CHOICES, { '*.email': 'off' }, 'es');

    expect(chosen?.notifications).toEqual({ ...DEFAULT_NOTIFICATIONS, '*': { email: false } });
  });
});
