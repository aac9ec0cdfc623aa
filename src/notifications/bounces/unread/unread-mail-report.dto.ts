import { IsIn, IsOptional } from 'class-validator';
import { PageQuery } from '../../../platform/http/page.dto.js';

const REASONS = ['malformed_report', 'unreadable_report'] as const;
export type UnreadReason = (typeof REASONS)[number];

/** Filters of the list of reports that could not be read. */
export class UnreadMailReportsQuery extends PageQuery {
  /** Only reports with this reason. */
  @IsOptional()
  @IsIn(REASONS)
  reason?: UnreadReason;
}

/** A report of a mail system that could not be read. */
export class UnreadMailReportDto {
  id: string;
  /** `malformed_report`: its fields name no recipient or no result. `unreadable_report`: its form is not known. */
  reason: UnreadReason;
  /** Our id of the customer that the message was sent to, if the report names the message. */
  customerId: string | null;
  /** The message that the report is about, if it names one. */
  notificationId: string | null;
  sender: string;
  subject: string;
  receivedAt: Date;
}

/** A report with the received mail. */
export class UnreadMailReportDetailDto extends UnreadMailReportDto {
  /** The mail as received, cut after 64 KB. */
  body: string;
}

export class UnreadMailReportPageDto {
  items: UnreadMailReportDto[];
  /** Pass as `cursor` for the next page; null on the last one. */
  nextCursor: string | null;
}
