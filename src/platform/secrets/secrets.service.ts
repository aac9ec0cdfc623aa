import { Injectable } from '@nestjs/common';
import { DomainError } from '../http/domain-error.js';
import { keyIdOf, seal, SecretUnreadable, unseal } from './secret-box.js';
import { SecretsSettings } from './secrets.settings.js';

/** A reference to the environment. The prefix keeps the service's own variables out of reach. */
const REFERENCE = /^env:(SECRET_[A-Z0-9_]{1,100})$/;
const SECRET_LENGTH_MAX = 8192;

/** Keeps secrets: as references to the environment, or encrypted. Nothing else reads them. */
@Injectable()
export class Secrets {
  constructor(private readonly settings: SecretsSettings) {}

  /**
   * What is stored for a secret that an operator gives: `env:SECRET_…` as it is, anything else encrypted.
   * @throws DomainError secret_invalid, secrets_keys_missing
   */
  store(given: string, purpose: string): string {
    if (given.startsWith('env:')) {
      if (REFERENCE.test(given)) return given;
      throw new DomainError('secret_invalid', 'A reference must be like env:SECRET_HUBSPOT_TOKEN');
    }
    if (given.length === 0 || given.length > SECRET_LENGTH_MAX || !/^[\x20-\x7e]+$/.test(given))
      throw new DomainError('secret_invalid', `A secret has 1 to ${SECRET_LENGTH_MAX} printable characters`);
    const [first] = this.settings.keys ?? [];
    if (!first)
      throw new DomainError('secrets_keys_missing', 'Set SECRETS_KEYS to store secrets, or use env:SECRET_…');
    return seal(given, purpose, first);
  }

  /** @throws SecretUnreadable */
  read(stored: string, purpose: string): string {
    const [, name] = REFERENCE.exec(stored) ?? [];
    if (name === undefined) return unseal(stored, purpose, this.settings.keys ?? []);
    const value = process.env[name];
    if (!value) throw new SecretUnreadable(`The variable ${name} is not set`);
    return value;
  }

  /** The secret encrypted with the first key; null if there is nothing to do. @throws SecretUnreadable */
  renewed(stored: string, purpose: string): string | null {
    const [first] = this.settings.keys ?? [];
    const keyId = keyIdOf(stored);
    if (keyId === null || !first || keyId === first.id) return null;
    return seal(this.read(stored, purpose), purpose, first);
  }
}
