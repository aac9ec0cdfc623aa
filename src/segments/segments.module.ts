import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { SegmentVersion } from './definitions/segment-version.entity.js';
import { Segment } from './definitions/segment.entity.js';
import { CustomerSegments } from './memberships/customer-segments.entity.js';
import { SegmentChange } from './memberships/segment-change.entity.js';
import { SegmentMember } from './memberships/segment-member.entity.js';

/** Groups of customers by rules. Memberships change in the transaction that changes their inputs. */
@Module({
  imports: [
    TypeOrmModule.forFeature([Segment, SegmentVersion, CustomerSegments, SegmentChange, SegmentMember]),
  ],
})
export class SegmentsModule {}
