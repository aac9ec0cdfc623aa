import { Check, Column, Entity, PrimaryColumn } from 'typeorm';

/**
 * When a secret last signed an event of a kind. Holds the position of the secret in the list, not the secret.
 */
@Entity('webhook_secret_uses')
@Check('ck_webhook_secret_uses_kind', `kind in ('snapshot', 'thin')`)
export class WebhookSecretUse {
  /** The position in `STRIPE_WEBHOOK_SECRET`, from 1. */
  @PrimaryColumn('integer', { primaryKeyConstraintName: 'pk_webhook_secret_uses' })
  position: number;

  @PrimaryColumn('text', { primaryKeyConstraintName: 'pk_webhook_secret_uses' })
  kind: string;

  @Column('timestamptz')
  lastUsedAt: Date;
}
