import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../platform/config/app-config.js';
import {
  type LinkedMessage,
  MakesMessageLink,
  type MessageLinkMaker,
} from '../../platform/message-links/message-link.js';
import { SignedTokens } from '../../platform/message-links/signed-tokens.service.js';
import { isOptional } from '../notification-kind.js';

/** What a token of the preference page is signed for. */
const PREFERENCES = 'preferences';
/** What a token that unsubscribes from one kind is signed for. */
const unsubscribeFrom = (kind: string) => `unsubscribe/${kind}`;

/** The link to the preference page: in every message. It says whose choices, and that it is about choices alone. */
@Injectable()
@MakesMessageLink('preferencesUrl')
export class PreferenceLinks implements MessageLinkMaker {
  constructor(
    private readonly config: AppConfig,
    private readonly tokens: SignedTokens,
  ) {}

  linkFor({ customerId }: Pick<LinkedMessage, 'customerId'>): string {
    return `${this.config.http.publicUrl}/preferences/${this.tokens.sign(PREFERENCES, customerId)}`;
  }

  /** The customer's id; null for a link that is not ours. */
  customerOf(token: string): string | null {
    return this.tokens.verify(PREFERENCES, token);
  }
}

/** The link that unsubscribes from the kind of message which carries it: in those that customers choose. */
@Injectable()
@MakesMessageLink('unsubscribeUrl')
export class UnsubscribeLinks implements MessageLinkMaker {
  constructor(
    private readonly config: AppConfig,
    private readonly tokens: SignedTokens,
  ) {}

  linkFor({ customerId, kind }: LinkedMessage): string | null {
    if (!isOptional(kind)) return null;
    const token = this.tokens.sign(unsubscribeFrom(kind), customerId);
    return `${this.config.http.publicUrl}/unsubscribe/${kind}/${token}`;
  }

  /** The customer's id; null for a link that is not ours. */
  customerOf(kind: string, token: string): string | null {
    return isOptional(kind) ? this.tokens.verify(unsubscribeFrom(kind), token) : null;
  }
}
