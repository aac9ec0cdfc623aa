import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import type { Language } from '../../../platform/i18n/languages.js';
import type { NotificationKind } from '../../notification-kind.js';
import { ContentTemplate } from '../content/content-template.js';
import { TemplateOverride } from './template-override.entity.js';

/** How long another process may use the former content. */
const FRESH_MS = 10_000;

export interface ActiveOverride {
  version: number;
  /**
   * Compiles the content on the first call.
   * @throws Error if it does not compile
   */
  template(): ContentTemplate;
}

/**
 * The active overrides, cached in memory for ten seconds, so that a delivery needs no query for them. There
 * is at most one for each kind and language.
 */
@Injectable()
export class ActiveOverrides {
  private read: { at: number; overrides: Promise<Map<string, ActiveOverride>> } | null = null;

  constructor(@InjectRepository(TemplateOverride) private readonly rows: Repository<TemplateOverride>) {}

  async find(kind: NotificationKind, language: Language): Promise<ActiveOverride | undefined> {
    if (!this.read || Date.now() - this.read.at > FRESH_MS) {
      const read = { at: Date.now(), overrides: this.readAll() };
      this.read = read;
      read.overrides.catch(() => this.clear(read));
    }
    return (await this.read.overrides).get(`${kind} ${language}`);
  }

  /** Clears the cache after a change in this process. */
  clear(read = this.read): void {
    if (this.read === read) this.read = null;
  }

  private async readAll(): Promise<Map<string, ActiveOverride>> {
    const rows = await this.rows.findBy({ active: true });
    return new Map(rows.map((row) => [`${row.kind} ${row.language}`, toOverride(row)]));
  }
}

function toOverride({ version, subject, preheader, blocks }: TemplateOverride): ActiveOverride {
  let compiled: ContentTemplate | undefined;
  return { version, template: () => (compiled ??= new ContentTemplate({ subject, preheader, blocks })) };
}
