import { OmitType, PickType } from '@nestjs/swagger';
import { IsString, Length } from 'class-validator';
import { EventReplayDto } from '../replay/event-replay.dto.js';

/** Whom the customer of an event shall belong to. */
export class LinkEventDto {
  /** MINGUS's id of the user. */
  @IsString()
  @Length(1, 64)
  userId: string;
}

/** Another event of the customer, decided anew. */
export class WaitingEventDto extends PickType(EventReplayDto, ['stripeEventId', 'outcome']) {
  /** Why nothing came of it. */
  errorCode: string | null;
}

/** What came of linking an event. */
export class EventLinkDto extends OmitType(EventReplayDto, ['dryRun']) {
  userId: string;
  /** Other events of the customer that had waited, oldest first: what came of them. */
  waiting: WaitingEventDto[];
}
