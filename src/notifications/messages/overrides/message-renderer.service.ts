import { Injectable, Logger } from '@nestjs/common';
import { Registry } from 'prom-client';
import type { LinkedMessage } from '../../../platform/message-links/message-link.js';
import { MessageLinks as LinkMakers } from '../../../platform/message-links/message-links.service.js';
import { counter } from '../../../platform/metrics/metrics.js';
import type { NotificationKind } from '../../notification-kind.js';
import {
  MessageComposer,
  type MessageLinks,
  type MessageRecipient,
  type RenderedMessage,
} from '../message-composer.service.js';
import { ActiveOverrides } from './active-overrides.service.js';

/** A kind of message, and the version of its content: null for the active one, 0 for the built-in one. */
export interface TemplateChoice {
  kind: NotificationKind;
  version: number | null;
}

/** Renders messages as they are sent: from the active override or from the built-in content. */
@Injectable()
export class MessageRenderer {
  private readonly logger = new Logger('notifications');
  private readonly failures;

  constructor(
    private readonly composer: MessageComposer,
    private readonly overrides: ActiveOverrides,
    private readonly makers: LinkMakers,
    registry: Registry,
  ) {
    this.failures = counter(registry, 'template_override_failures_total');
  }

  /**
   * Makes the links of one message. Each attempt has its own links.
   * @throws errors of the database only
   */
  linksFor(message: LinkedMessage): Promise<MessageLinks> {
    return this.makers.of(message);
  }

  /**
   * Renders the built-in content if an override cannot be rendered, for example because a field no longer
   * exists.
   * @throws the error of the built-in content for this recipient
   */
  async render(
    { kind, version }: TemplateChoice,
    recipient: MessageRecipient,
    links?: MessageLinks,
  ): Promise<RenderedMessage> {
    const language = this.composer.languageFor(recipient);
    const override = await this.overrides.find(kind, language, version);
    if (override) {
      try {
        return this.composer.compose(override.template(), recipient, links);
      } catch (error) {
        this.failures.inc({ kind, language });
        const failed = { kind, language, version: override.version };
        this.logger.error({ event: 'template override not rendered', ...failed, error });
      }
    }
    return this.composer.compose(this.composer.builtInFor(kind, language), recipient, links);
  }
}
