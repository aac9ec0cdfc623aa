import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { ConnectorPreviews } from '../../integrations/admin/connector-previews.service.js';
import type { FutureAttributes } from '../../integrations/deliveries/delivery-preparer.service.js';
import type { MessageRecipient } from '../../notifications/messages/message-composer.service.js';
import { MessageRenderer } from '../../notifications/messages/overrides/message-renderer.service.js';
import type {
  AttributeStep,
  ConnectorStep,
  Definition,
  MessageStep,
  Scalar,
} from '../definitions/definition.js';
import { contentOf } from '../running/actions.service.js';
import type { DryRunActionDto, DryRunExampleDto } from './dry-run.dto.js';

interface ShownCustomer {
  customerId: string;
  stripeCustomerId: string;
}

/** Shows what the actions of an automation would do for customers as they are now, with the attributes of earlier steps. */
@Injectable()
export class ActionPreviews {
  constructor(
    private readonly connectors: ConnectorPreviews,
    private readonly messages: MessageRenderer,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  async show(
    { steps }: Definition,
    customers: readonly ShownCustomer[],
    now: Date,
  ): Promise<DryRunExampleDto[]> {
    const examples: DryRunExampleDto[] = [];
    for (const { customerId, stripeCustomerId } of customers) {
      const actions: DryRunActionDto[] = [];
      const attributes: Record<string, Scalar | null> = {};
      for (const [index, step] of steps.entries()) {
        if ('wait' in step) continue;
        if ('attribute' in step) attributes[step.attribute] = step.value;
        const shown = await this.showAction(step, { customerId, attributes }, now);
        actions.push({ step: index, ...shown });
      }
      examples.push({ stripeCustomerId, actions });
    }
    return examples;
  }

  private async showAction(
    step: ConnectorStep | MessageStep | AttributeStep,
    { customerId, attributes }: { customerId: string; attributes: FutureAttributes },
    now: Date,
  ): Promise<Omit<DryRunActionDto, 'step'>> {
    if ('attribute' in step) {
      const { attribute, value } = step;
      return { kind: 'attribute', outcome: 'attribute', reason: null, content: { attribute, value } };
    }
    if ('message' in step) return this.showMessage(step, customerId);
    const { connector, kind, fields } = step;
    const delivery = { customerId, kind, content: contentOf(fields, now), attributes };
    const { request, ...plan } = await this.connectors.planDelivery(connector, delivery);
    return { kind: 'connector', ...plan, content: request };
  }

  private async showMessage(
    { message: kind, channel }: MessageStep,
    customerId: string,
  ): Promise<Omit<DryRunActionDto, 'step'>> {
    const [recipient] = await this.dataSource.query<MessageRecipient[]>(RECIPIENT, [customerId]);
    if (!recipient)
      return { kind: 'message', outcome: 'cancelled', reason: 'customer_unlinked', content: null };
    const { locale, subject, body } = await this.messages.render({ kind, version: null }, recipient);
    const content = { kind, channel, locale, subject, body };
    return { kind: 'message', outcome: 'message', reason: null, content };
  }
}

const RECIPIENT = `
  select email, name, locale, preferred_locales as "preferredLocales", timezone, preferences.currency,
    coalesce(stripe_created_at, customers.created_at) as "customerSince"
  from customers join customer_preferences preferences on preferences.customer_id = customers.id
  where customers.id = $1 and user_id is not null`;
