import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { ConnectorRegistry } from '../../integrations/connectors/connector-registry.service.js';
import { LifecycleSettings } from '../../lifecycle/lifecycle.settings.js';
import { COMPUTED_MILESTONES } from '../../lifecycle/milestones.js';
import { DomainError } from '../../platform/http/domain-error.js';
import { checkRule } from '../../segments/admin/check-rule.js';
import { type Definition, rulesOf } from '../definitions/definition.js';
import type { KnownNames } from '../definitions/known-names.js';
import { parseDefinition } from '../definitions/parse-definition.js';

/** Checks definitions against what there is in this installation. */
@Injectable()
export class DefinitionChecks {
  constructor(
    private readonly registry: ConnectorRegistry,
    private readonly lifecycle: LifecycleSettings,
  ) {}

  /** @throws DomainError automation_invalid with each problem and its place */
  async check(manager: EntityManager, json: unknown): Promise<Definition> {
    const parsed = parseDefinition(json, await this.knownNames(manager));
    if ('problems' in parsed) {
      const problems = parsed.problems.map(
        ({ path, code, detail }) => `${path || 'definition'}: ${code}: ${detail}`,
      );
      throw invalid(problems);
    }
    for (const [place, rule] of rulesOf(parsed.definition)) await checkRuleAt(manager, place, rule);
    return parsed.definition;
  }

  private async knownNames(manager: EntityManager): Promise<KnownNames> {
    const segments = await manager.query<{ name: string }[]>(SEGMENTS);
    const connectors = await manager.query<{ name: string; system: string }[]>(CONNECTORS);
    return {
      segments: new Set(segments.map(({ name }) => name)),
      milestones: [...COMPUTED_MILESTONES, ...this.lifecycle.milestones],
      connectors: new Map(
        connectors.map(({ name, system }) => [
          name,
          this.registry.systems.get(system)?.describe().capabilities ?? [],
        ]),
      ),
    };
  }
}

/** Adds the place of the rule to the problems that only the database can find. */
async function checkRuleAt(manager: EntityManager, place: string, rule: object): Promise<void> {
  try {
    await checkRule(manager, rule);
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    throw invalid((error.problems ?? [error.message]).map((problem) => `${place}: ${problem}`));
  }
}

function invalid(problems: string[]): DomainError {
  return new DomainError('automation_invalid', 'The definition has problems', problems);
}

const SEGMENTS = 'select name from segments where serving_version_id is not null';

const CONNECTORS = 'select name, system from connectors order by name';
