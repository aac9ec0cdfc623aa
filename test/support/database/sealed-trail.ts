import { AuditSealer } from '../../../src/audit/seals/audit-sealer.service.js';
import { type AuditFinding, AuditVerifier } from '../../../src/audit/seals/audit-verifier.service.js';
import type { ExportedHead } from '../../../src/audit/seals/exported-head.js';
import { uuidv7 } from '../../../src/platform/database/uuid.js';
import { TestApp } from '../test-app.js';

export const AN_ENTRY = `insert into audit_entries
  (id, action, actor_type, object_type, object_id, source, details, occurred_at)
  values ($1, $2, 'system', 'test', 'one', 'test', '{"b": [1, 2.5], "a": {"z": null, "é": "ü"}}', now())`;

/** The audit of a service with six entries in two seals, and ways to tamper with it as the tables' owner. */
export class SealedTrail {
  private constructor(readonly service: TestApp) {}

  static async start(env: Record<string, string> = {}): Promise<SealedTrail> {
    return new SealedTrail(await TestApp.start({ env }));
  }

  /** Restores the first state. */
  async begin(): Promise<void> {
    await this.tamper('truncate audit_entries, audit_seals restart identity');
    await this.write('one', 'two', 'three', 'four');
    await this.seal();
    await this.write('five', 'six');
    await this.seal();
  }

  seal() {
    return this.service.app.get(AuditSealer).seal();
  }

  async write(...actions: string[]): Promise<void> {
    for (const action of actions) await this.service.database.rows(AN_ENTRY, [uuidv7(), action]);
  }

  async verify(heads: ExportedHead[] = []) {
    const found: AuditFinding[] = [];
    const verifier = this.service.app.get(AuditVerifier);
    return { ...(await verifier.verify(heads, (finding) => found.push(finding))), found };
  }

  async kindsFound(heads?: ExportedHead[]) {
    return (await this.verify(heads)).found.map(({ kind }) => kind);
  }

  /** Runs statements as an owner of the tables who also disables the triggers. */
  async tamper(...statements: string[]): Promise<void> {
    const triggers = (state: string) =>
      ['audit_entries', 'audit_seals'].flatMap((table) =>
        ['append_only', 'no_truncate'].map(
          (name) => `alter table ${table} ${state} trigger ${table}_${name}`,
        ),
      );
    const all = [...triggers('disable'), ...statements, ...triggers('enable always')];
    await this.service.database.rows(all.join(';'));
  }
}
