import { Check, Column, Entity, PrimaryColumn } from 'typeorm';

/** When a secret last signed an event of a kind. Tells where the secret stands in the list, nothing of it. */
@Entity('webhook_secret_uses')
@Check('ck_webhook_secret_uses_kind', `kind in ('snapshot', 'thin')`)
export class WebhookSecretUse {
  /** 1 is the first in `STRIPE_WEBHOOK_SECRET`. */
  @PrimaryColumn('integer', { primaryKeyConstraintName: 'pk_webhook_secret_uses' })
  position: number;

  @PrimaryColumn('text', { primaryKeyConstraintName: 'pk_webhook_secret_uses' })
  kind: string;

  @Column('timestamptz')
  lastUsedAt: Date;
}
