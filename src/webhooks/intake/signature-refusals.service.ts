import { Injectable, Logger } from '@nestjs/common';
import { RefusalRecord } from '../../platform/access/refusal-record.service.js';
import { LogAllowance } from '../../platform/logging/log-allowance.js';
import type { SignatureFailure } from '../stripe/stripe-signature.js';
import { WebhookMetrics } from '../inbox/webhook-metrics.js';

const ROUTE = 'POST /webhooks/stripe';

/**
 * Reports deliveries with a bad signature: all of them to metrics and audit, some of them to the log.
 * Deliveries for the other mode are only audited, because the inbox stores them.
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

  recordOtherMode(ip: string | undefined): void {
    this.refusals.note({ route: ROUTE, reason: 'livemode_mismatch', ip });
  }
}
