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

  private readonly versions = new Map<string, ActiveOverride>();

  constructor(@InjectRepository(TemplateOverride) private readonly rows: Repository<TemplateOverride>) {}

  /** @param version 0 for the built-in content, or null for the active version, which also replaces an unknown one */
  async find(
    kind: NotificationKind,
    language: Language,
    version: number | null,
  ): Promise<ActiveOverride | undefined> {
    if (version === 0) return undefined;
    const chosen = version === null ? undefined : await this.findVersion({ kind, language, version });
    return chosen ?? this.findActive(kind, language);
  }

  private async findActive(kind: NotificationKind, language: Language): Promise<ActiveOverride | undefined> {
    if (!this.read || Date.now() - this.read.at > FRESH_MS) {
      const read = { at: Date.now(), overrides: this.readAll() };
      this.read = read;
      read.overrides.catch(() => this.clear(read));
    }
    return (await this.read.overrides).get(`${kind} ${language}`);
  }

  /** A version never changes. */
  private async findVersion(
    wanted: Pick<TemplateOverride, 'kind' | 'language' | 'version'>,
  ): Promise<ActiveOverride | undefined> {
    const name = `${wanted.kind} ${wanted.language} ${wanted.version}`;
    const known = this.versions.get(name);
    if (known) return known;
    const row = await this.rows.findOneBy(wanted);
    if (!row) return undefined;
    const override = toOverride(row);
    this.versions.set(name, override);
    return override;
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
