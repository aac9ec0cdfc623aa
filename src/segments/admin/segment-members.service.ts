import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { Analysis } from '../../platform/analysis/analysis.service.js';
import { DomainError } from '../../platform/http/domain-error.js';
import { SegmentDefinitions } from '../definitions/segment-definitions.service.js';
import { explain, type Explanation } from '../rules/explain-rule.js';
import type { Rule } from '../rules/rule.js';
import { compileRules } from '../rules/sql/compile-rule.js';
import { checkRule } from './check-rule.js';
import { findCustomerFacts } from './customer-facts.queries.js';
import {
  findMembership,
  findMembers,
  findMembersAt,
  findServing,
  preview,
  type ServingVersion,
} from './segment-members.queries.js';
import type { MembershipDto, MembersQuery, SegmentMemberPageDto, SegmentPreviewDto } from './segment.dto.js';

/** Reads who is a member of a segment, who would be, and why. */
@Injectable()
export class SegmentMembers {
  constructor(
    private readonly definitions: SegmentDefinitions,
    private readonly analysis: Analysis,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  /** @throws DomainError rule_invalid, questions_busy, question_too_large */
  async preview(json: unknown): Promise<SegmentPreviewDto> {
    const rule = await checkRule(this.dataSource.manager, json);
    await this.definitions.refresh();
    const { servingIds } = this.definitions.current;
    const compiled = compileRules([{ id: 0, rule }], 'all', servingIds);
    return this.analysis.answer((manager) => preview(manager, compiled));
  }

  /** Newest customers first. @throws DomainError segment_not_found */
  async list(name: string, { at, knownAt, cursor, limit }: MembersQuery): Promise<SegmentMemberPageDto> {
    const version = await this.servingVersion(name, earliest(at, knownAt));
    const page = { cursor: cursor ?? null, limit: limit + 1 };
    if (!version) return { items: [], nextCursor: null };
    const { manager } = this.dataSource;
    const members =
      at || knownAt
        ? await findMembersAt(manager, version.id, { at: at ?? new Date(), knownAt: knownAt ?? null }, page)
        : await findMembers(manager, version.id, page);
    const items = members.slice(0, limit);
    return { items, nextCursor: members.length > limit ? (items.at(-1)?.customerId ?? null) : null };
  }

  /** @throws DomainError segment_not_found, customer_not_found */
  async explain(name: string, stripeCustomerId: string): Promise<MembershipDto> {
    const { manager } = this.dataSource;
    await this.definitions.refresh();
    const version = await this.servingVersion(name, null);
    const { broken, servingIds } = this.definitions.current;
    const brokenBecause = broken.find(({ id }) => id === version?.id)?.problems ?? [];
    const rule = brokenBecause.length === 0 ? version?.rule : undefined;
    const found = await findCustomerFacts(manager, stripeCustomerId, rule);
    if (!found) throw new DomainError('customer_not_found', `No customer ${stripeCustomerId}`);
    const { facts, isDeleted, partlyCounted } = found;
    return {
      segment: name,
      version: version?.version ?? null,
      stripeCustomerId,
      ...(await findMembership(manager, facts.customerId, version?.id ?? 0)),
      ...explanationOf({ version, rule, isDeleted }, (known) =>
        explain(known, servingIds, facts, new Date()),
      ),
      brokenBecause: [...brokenBecause],
      partlyCounted,
    };
  }

  /** The version that served at a time; now if null. Null while none did. */
  private async servingVersion(name: string, at: Date | null): Promise<ServingVersion | null> {
    const found = await findServing(this.dataSource.manager, name, at);
    if (!found) throw new DomainError('segment_not_found', `No segment ${name}`);
    return found.id === null ? null : (found as ServingVersion);
  }
}

/** A version that serves later is neither true nor known at a time. */
function earliest(...times: (Date | undefined)[]): Date | null {
  return times.filter((time) => time !== undefined).toSorted((one, other) => +one - +other)[0] ?? null;
}

/** The explanation, or why there is none. */
function explanationOf(
  { version, rule, isDeleted }: { version: ServingVersion | null; rule?: Rule; isDeleted: boolean },
  explained: (rule: Rule) => Explanation,
): Pick<MembershipDto, 'explanation' | 'unexplained'> {
  if (isDeleted) return { explanation: null, unexplained: 'customer_deleted' };
  if (!version) return { explanation: null, unexplained: 'not_serving' };
  if (!rule) return { explanation: null, unexplained: 'rule_broken' };
  return { explanation: explained(rule), unexplained: null };
}
