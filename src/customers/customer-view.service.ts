import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type FindOperator, Raw } from 'typeorm';
import { AuditEntry } from '../audit/audit-entry.entity.js';
import { CustomerLifecycle } from '../lifecycle/customer-lifecycle.entity.js';
import { LifecycleTransition } from '../lifecycle/lifecycle-transition.entity.js';
import { allMilestones } from '../lifecycle/milestones.js';
import type { AssignedArm } from '../events/assigned-arm.js';
import type { NotificationWithAttemptsDto } from '../notifications/notification.dto.js';
import { NotificationsService } from '../notifications/notifications.service.js';
import { DomainError } from '../platform/http/domain-error.js';
import { findPage } from '../platform/http/page.dto.js';
import { inAnySpelling } from '../platform/mail-address.js';
import { PortalAccess } from '../portal/portal-access.entity.js';
import { lookOf } from './address-look.js';
import { CustomerPreferences } from './customer-preferences.entity.js';
import type { StrayCustomerViewDto } from './stray-customer.dto.js';
import { findStrayCustomer } from './stray-customer.queries.js';
import type {
  CustomerArmDto,
  CustomerPageDto,
  CustomersQuery,
  CustomerViewDto,
  TimelineEntryDto,
} from './customer.dto.js';
import { Customer } from './customer.entity.js';
import { findArms } from './arms-of.queries.js';
import { findOtherCustomers } from './other-customers.queries.js';
import { findSegmentsOf, findServingVersion, MEMBERS_OF } from './segments-of.queries.js';
import { UsersSource } from './users/users-source.service.js';

const TIMELINE_MAX = 200;

/** Reads customers: alone, or with the data of all other modules. */
@Injectable()
export class CustomerViewService {
  constructor(
    private readonly users: UsersSource,
    private readonly notifications: NotificationsService,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  async list(query: CustomersQuery): Promise<CustomerPageDto> {
    const { email, userId, segment } = query;
    const { items, nextCursor } = await findPage(this.dataSource.getRepository(Customer), query, {
      ...(email ? { email: inAnySpelling(email) } : {}),
      ...(userId ? { userId: await this.users.idOf(userId) } : {}),
      ...(segment ? { id: await this.membersOf(segment) } : {}),
    });
    const others = await findOtherCustomers(this.dataSource.manager, items);
    const withOthers = (customer: Customer) => ({
      ...customer,
      ...lookOf(customer.email),
      otherCustomers: others.get(customer.id) ?? [],
    });
    return { items: items.map(withOthers), nextCursor };
  }

  /** @throws DomainError segment_not_found */
  private async membersOf(segment: string): Promise<FindOperator<string>> {
    const versionId = await findServingVersion(this.dataSource.manager, segment);
    if (versionId === undefined) throw new DomainError('segment_not_found', `No segment ${segment}`);
    return Raw((id) => `${id} in (${MEMBERS_OF})`, { versionId });
  }

  /** @throws DomainError customer_not_found */
  async get(stripeCustomerId: string): Promise<CustomerViewDto | StrayCustomerViewDto> {
    const { manager } = this.dataSource;
    const [customer] = await manager.find(Customer, {
      where: { stripeCustomerId },
      order: { id: 'DESC' },
      take: 1,
    });
    if (customer) return this.viewOf(customer);
    const stray = await findStrayCustomer(manager, stripeCustomerId);
    if (!stray) throw new DomainError('customer_not_found', `No customer ${stripeCustomerId}`);
    return stray;
  }

  private async viewOf(customer: Customer): Promise<CustomerViewDto> {
    const { manager } = this.dataSource;
    const customerId = customer.id;
    const [
      user,
      preferences,
      portalAccess,
      lifecycle,
      notifications,
      transitions,
      audit,
      others,
      segments,
      arms,
    ] = await Promise.all([
      customer.userId === null ? null : this.users.find(customer.userId),
      manager.findOneByOrFail(CustomerPreferences, { customerId }),
      manager.findOneByOrFail(PortalAccess, { customerId }),
      manager.findOneByOrFail(CustomerLifecycle, { customerId }),
      this.notifications.listOfCustomer(customerId),
      manager.find(LifecycleTransition, {
        where: { customerId },
        order: { id: 'DESC' },
        take: TIMELINE_MAX,
      }),
      manager.find(AuditEntry, { where: { customerId }, order: { id: 'DESC' }, take: TIMELINE_MAX }),
      findOtherCustomers(manager, [customer]),
      findSegmentsOf(manager, customerId),
      findArms(manager, customer.userId),
    ]);
    const timeline = toTimeline(audit, transitions, notifications);
    return {
      ...customer,
      isSetUp: true,
      ...lookOf(customer.email),
      otherCustomers: others.get(customerId) ?? [],
      user,
      preferences,
      portalAccess: { ...portalAccess, permissions: { ...portalAccess.permissions } },
      lifecycle: { ...lifecycle, milestones: allMilestones(lifecycle.milestones) },
      segments,
      experiments: arms.map(toArm),
      notifications,
      timeline,
    };
  }
}

function toArm({ experiment, arm, assignedAt }: AssignedArm): CustomerArmDto {
  return { experiment, arm, assignedAt: new Date(assignedAt) };
}

/** The history of a customer, oldest first. */
function toTimeline(
  audit: readonly AuditEntry[],
  transitions: readonly LifecycleTransition[],
  notifications: readonly NotificationWithAttemptsDto[],
): TimelineEntryDto[] {
  const entries: TimelineEntryDto[] = [];
  for (const { occurredAt, action, stripeEventId, actorType, source } of audit) {
    entries.push({ occurredAt, what: action, details: { stripeEventId, actorType, source } });
  }
  for (const { recordedAt, occurredAt, fromStage, toStage, trigger, stripeEventId } of transitions) {
    const details = { fromStage, trigger, stripeEventId, occurredAt };
    entries.push({ occurredAt: recordedAt, what: `lifecycle.${toStage}`, details });
  }
  for (const { id, kind, createdAt, attemptLog } of notifications) {
    entries.push({ occurredAt: createdAt, what: 'notification.queued', details: { id, kind } });
    for (const { attemptedAt, outcome, smtpCode } of attemptLog) {
      entries.push({
        occurredAt: attemptedAt,
        what: `notification.${outcome}`,
        details: { id, kind, smtpCode },
      });
    }
  }
  return entries.toSorted((a, b) => a.occurredAt.getTime() - b.occurredAt.getTime());
}
