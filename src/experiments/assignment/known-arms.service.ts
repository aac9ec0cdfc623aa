import { Injectable } from '@nestjs/common';
import { type Assignment, NO_ARMS } from '../../events/assigned-arm.js';
import type { CustomerCreated } from '../../events/customers/customer-created.event.js';
import { NewCustomers } from '../../segments/memberships/new-customers.service.js';
import { ExperimentDefinitions } from '../definitions/experiment-definitions.service.js';
import { assignArms } from './assign-arms.js';
import { toStoredArms, type UnitRow } from './stored-arms.queries.js';

/** Decides the arms of the user of a new customer. A pure function. */
export type ArmsOf = (creation: CustomerCreated) => Assignment;

/** Gives decisions about creations what they need to assign arms. */
@Injectable()
export class KnownArms {
  constructor(
    private readonly definitions: ExperimentDefinitions,
    private readonly newCustomers: NewCustomers,
  ) {}

  /** Whether decisions need the stored arms: not before an experiment has started. */
  get areNeeded(): boolean {
    return this.definitions.current.phases.size > 0;
  }

  /**
   * @param rows the stored arms of the users of the new customers
   * @returns a function that keeps the definitions of now. Customers that are imported get no new arm.
   */
  of(rows: readonly UnitRow[]): ArmsOf {
    const definitions = this.definitions.current;
    if (definitions.phases.size === 0) return () => NO_ARMS;
    const units = new Map(rows.map((row) => [row.userId, toStoredArms(row)]));
    return (creation) => {
      const { user, origin } = creation;
      const { phases, open, revision } = definitions;
      const isMember = (segment: string) => this.newCustomers.isMember(segment, creation);
      const candidate = { userId: user.id, stored: units.get(user.id) ?? null, isMember };
      const offered = { revision, phases, open: origin.imported ? [] : open };
      return assignArms(candidate, offered, assignedAtOf(creation));
    };
  }
}

/**
 * Windows begin when Stripe created the customer: it may have paid before its event came. Never in the future, which
 * Stripe's test clocks allow.
 */
function assignedAtOf({ occurredAt }: CustomerCreated): string {
  return new Date(Math.min(Date.parse(occurredAt), Date.now())).toISOString();
}
