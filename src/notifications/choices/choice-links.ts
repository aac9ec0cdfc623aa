import { Injectable } from '@nestjs/common';
import { HttpSettings } from '../../platform/http/http.settings.js';
import {
  type LinkedMessage,
  MakesMessageLink,
  type MessageLinkMaker,
} from '../../platform/message-links/message-link.js';
import { SignedTokens } from '../../platform/message-links/signed-tokens.service.js';
import { isOptional } from '../notification-kind.js';

/** The purpose that a token of the preference page is signed for. */
const PREFERENCES = 'preferences';
/** The purpose that a token for unsubscribing from one kind is signed for. */
const unsubscribeFrom = (kind: string) => `unsubscribe/${kind}`;

/**
 * The link to the preference page, which is in every message. The token identifies the customer and is valid
 * for choices only.
 */
@Injectable()
@MakesMessageLink('preferencesUrl')
export class PreferenceLinks implements MessageLinkMaker {
  constructor(
    private readonly http: HttpSettings,
    private readonly tokens: SignedTokens,
  ) {}

  linkFor({ customerId }: Pick<LinkedMessage, 'customerId'>): string {
    return `${this.http.publicUrl}/preferences/${this.tokens.sign(PREFERENCES, customerId)}`;
  }

  /** The customer's id, or null if the token is not valid. */
  customerOf(token: string): string | null {
    return this.tokens.verify(PREFERENCES, token);
  }
}

/** The link that unsubscribes from the kind of message that contains it. Only optional messages contain it. */
@Injectable()
@MakesMessageLink('unsubscribeUrl')
export class UnsubscribeLinks implements MessageLinkMaker {
  constructor(
    private readonly http: HttpSettings,
    private readonly tokens: SignedTokens,
  ) {}

  linkFor({ customerId, kind }: LinkedMessage): string | null {
    if (!isOptional(kind)) return null;
    const token = this.tokens.sign(unsubscribeFrom(kind), customerId);
    return `${this.http.publicUrl}/unsubscribe/${kind}/${token}`;
  }

  /** The customer's id, or null if the token is not valid. */
  customerOf(kind: string, token: string): string | null {
    return isOptional(kind) ? this.tokens.verify(unsubscribeFrom(kind), token) : null;
  }
}
