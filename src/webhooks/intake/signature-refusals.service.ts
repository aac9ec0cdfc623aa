import { Injectable, Logger } from '@nestjs/common';
import { LogAllowance } from '../../platform/logging/log-allowance.js';
import type { SignatureFailure } from './stripe-signature.js';
import { WebhookMetrics } from './webhook-metrics.js';

/** Tells of deliveries that were refused for their signature: metrics of all, the log of some. */
@Injectable()
export class SignatureRefusals {
  private readonly logger = new Logger('webhooks');
  private readonly logAllowance = new LogAllowance();

  constructor(private readonly metrics: WebhookMetrics) {}

  record(cause: SignatureFailure): void {
    this.metrics.recordSignatureFailure(cause);
    const allowed = this.logAllowance.take();
    if (allowed) this.logger.warn({ event: 'signature refused', cause, ...allowed });
  }
}
