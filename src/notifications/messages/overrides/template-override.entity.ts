import { Check, Column, Entity, Index, PrimaryColumn, Unique } from 'typeorm';
import type { Language } from '../../../platform/i18n/languages.js';
import type { NotificationKind } from '../../notification-kind.js';
import type { Block } from '../content/message-content.js';

/** A kind of message in one language. */
export type TemplateId = Pick<TemplateOverride, 'kind' | 'language'>;

/** A version of a message's content by an operator. Versions are kept. At most one of each message is active. */
@Entity('template_overrides')
@Unique('uq_template_overrides_kind_language_version', ['kind', 'language', 'version'])
@Index('uq_template_overrides_active', ['kind', 'language'], { unique: true, where: 'active' })
@Check('ck_template_overrides_version', 'version > 0')
export class TemplateOverride {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'pk_template_overrides' })
  id: string;

  @Column('text')
  kind: NotificationKind;

  @Column('text')
  language: Language;

  /** 1, 2, 3 … for each kind and language. */
  @Column('integer')
  version: number;

  @Column('text')
  subject: string;

  @Column('text')
  preheader: string;

  @Column('jsonb')
  blocks: Block[];

  @Column('boolean')
  active: boolean;

  @Column('timestamptz')
  createdAt: Date;
}
