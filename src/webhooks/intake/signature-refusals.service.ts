import { Injectable, Logger } from '@nestjs/common';
import { RefusalRecord } from '../../platform/access/refusal-record.service.js';
import { LogAllowance } from '../../platform/logging/log-allowance.js';
import type { SignatureFailure } from './stripe-signature.js';
import { WebhookMetrics } from './webhook-metrics.js';

const ROUTE = 'POST /webhooks/stripe';

/**
 * Tells of deliveries that were refused for their signature: metrics and audit of all, the log of some.
 * Of those for the other mode the audit alone: the inbox has them.
 */
@Injectable()
export class SignatureRefusals {
  private readonly logger = new Logger('webhooks');
  private readonly logAllowance = new LogAllowance();

  constructor(
    private readonly metrics: WebhookMetrics,
    private readonly refusals: RefusalRecord,
  ) {}

  record(cause: SignatureFailure, ip: string | undefined): void {
    this.metrics.recordSignatureFailure(cause);
    this.refusals.note({ route: ROUTE, reason: `signature_${cause}`, ip });
    const allowed = this.logAllowance.take();
    if (allowed) this.logger.warn({ event: 'signature refused', cause, ...allowed });
  }

  recordOtherMode(ip: string): void {
    this.refusals.note({ route: ROUTE, reason: 'livemode_mismatch', ip });
  }
}
