import fc from 'fast-check';
import { v7 as uuidv7 } from 'uuid';
import { describe, expect, it } from 'vitest';
import { testEnvironment } from '../../../test/support/process/test-environment.js';
import { MessageLinkSettings } from './message-link.settings.js';
import { SignedTokens } from './signed-tokens.service.js';

const [OLD, NEW] = ['7c1e5d90b2f84a3d96e80f1b2c3d4e5f', '9d2c7b50e1a84f63b7d01c2e3f405162'];

function tokensWith(...keys: string[]): SignedTokens {
  const env = testEnvironment('postgres://nowhere/none', 25, { LINK_SIGNING_KEYS: keys.join(',') });
  return new SignedTokens(new MessageLinkSettings(env));
}
const tokens = tokensWith(OLD);

describe('a signed token', () => {
  it('gives its id back, for its purpose alone', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.string(), fc.string(), (id, purpose, other) => {
        const token = tokens.sign(purpose, id);
        expect(tokens.verify(purpose, token)).toBe(id);
        if (other !== purpose) expect(tokens.verify(other, token)).toBeNull();
      }),
    );
  });

  it('is worth nothing with any one character changed', () => {
    const token = tokens.sign('preferences', uuidv7());
    for (let at = 0; at < token.length; at += 1) {
      const changed = token.slice(0, at) + (token[at] === 'x' ? 'y' : 'x') + token.slice(at + 1);
      expect(tokens.verify('preferences', changed)).toBeNull();
    }
  });

  it.each(['', 'ml_', 'constructor', '../..', `ml_${'A'.repeat(71)}`, `ml_${'A'.repeat(10_000)}`])(
    'is none of the kind of %j',
    (text) => {
      expect(tokens.verify('preferences', text)).toBeNull();
    },
  );

  it('of an older key is known while the key is, wherever that stands', () => {
    const id = uuidv7();
    const token = tokens.sign('preferences', id);

    expect(tokensWith(NEW, OLD).verify('preferences', token)).toBe(id);
    expect(tokensWith(OLD, NEW).verify('preferences', token)).toBe(id);
    expect(tokensWith(NEW).verify('preferences', token)).toBeNull();
  });

  it('is signed with the first key', () => {
    const token = tokensWith(NEW, OLD).sign('preferences', uuidv7());

    expect(tokensWith(OLD).verify('preferences', token)).toBeNull();
    expect(tokensWith(NEW).verify('preferences', token)).not.toBeNull();
  });
});
