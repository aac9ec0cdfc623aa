import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AnalysisModule } from '../platform/analysis/analysis.module.js';
import { SegmentMembers } from './admin/segment-members.service.js';
import { SegmentsController } from './admin/segments.controller.js';
import { Segments } from './admin/segments.service.js';
import { SegmentUsers } from './admin/segment-users.service.js';
import { SegmentDefinitions } from './definitions/segment-definitions.service.js';
import { SegmentRevision } from './definitions/segment-revision.entity.js';
import { CustomerRules } from './memberships/customer-rules.service.js';
import { Memberships } from './memberships/memberships.service.js';
import { MembershipsListener } from './memberships/memberships.listener.js';
import { NewCustomers } from './memberships/new-customers.service.js';
import { FillSegmentJob } from './upkeep/fill-segment.job.js';
import { SegmentUpkeep } from './upkeep/segment-upkeep.service.js';
import { SegmentVersion } from './definitions/segment-version.entity.js';
import { Segment } from './definitions/segment.entity.js';
import { CustomerSegments } from './memberships/customer-segments.entity.js';
import { SegmentChange } from './memberships/segment-change.entity.js';
import { SegmentCandidate } from './upkeep/segment-candidate.entity.js';
import { SegmentMember } from './memberships/segment-member.entity.js';

/** Groups of customers by rules. Memberships change in the transaction that changes their inputs. */
@Module({
  imports: [
    AnalysisModule,
    TypeOrmModule.forFeature([
      Segment,
      SegmentVersion,
      SegmentRevision,
      CustomerSegments,
      SegmentChange,
      SegmentMember,
      SegmentCandidate,
    ]),
  ],
  controllers: [SegmentsController],
  providers: [
    SegmentDefinitions,
    NewCustomers,
    CustomerRules,
    Memberships,
    MembershipsListener,
    SegmentUpkeep,
    FillSegmentJob,
    Segments,
    SegmentMembers,
    SegmentUsers,
  ],
  exports: [NewCustomers, CustomerRules],
})
export class SegmentsModule {}
