import { Injectable, Logger } from '@nestjs/common';
import { Registry } from 'prom-client';
import { counter } from '../../platform/metrics/metrics.js';
import type { NotificationKind } from '../notification-kind.js';
import {
  MessageComposer,
  type MessageLinks,
  type MessageRecipient,
  type RenderedMessage,
} from './message-composer.service.js';
import { ActiveOverrides } from './overrides/active-overrides.service.js';

/** Renders messages as they are sent: from the operators' content where there is some, else from ours. */
@Injectable()
export class MessageRenderer {
  private readonly logger = new Logger('notifications');
  private readonly failures;

  constructor(
    private readonly composer: MessageComposer,
    private readonly overrides: ActiveOverrides,
    registry: Registry,
  ) {
    this.failures = counter(registry, 'template_override_failures_total');
  }

  /**
   * An override that no longer renders (a field is gone since) never costs a customer the message.
   * @throws whatever the built-in content throws for this recipient
   */
  async render(
    kind: NotificationKind,
    recipient: MessageRecipient,
    links?: MessageLinks,
  ): Promise<RenderedMessage> {
    const language = this.composer.languageFor(recipient);
    const override = await this.overrides.find(kind, language);
    if (override) {
      try {
        return this.composer.compose(override.template(), recipient, links);
      } catch (error) {
        this.failures.inc({ kind, language });
        const { version } = override;
        this.logger.error({ event: 'template override not rendered', kind, language, version, error });
      }
    }
    return this.composer.compose(this.composer.builtInFor(kind, language), recipient, links);
  }
}
