import { OmitType } from '@nestjs/swagger';
import { IsString, Length } from 'class-validator';
import { EventReplayDto } from '../replay/event-replay.dto.js';
import { WaitingEventDto } from '../waiting/waiting-event.dto.js';

/** The user to link the customer of an event to. */
export class LinkEventDto {
  /** MINGUS's id of the user. */
  @IsString()
  @Length(1, 64)
  userId: string;
}

/** The result of linking an event. */
export class EventLinkDto extends OmitType(EventReplayDto, ['dryRun']) {
  userId: string;
  /** The results of the other waiting events of the customer, oldest first. */
  waiting: WaitingEventDto[];
}
