import { PickType } from '@nestjs/swagger';
import { EventReplayDto } from '../replay/event-replay.dto.js';

/** Another event of the customer, decided again. */
export class WaitingEventDto extends PickType(EventReplayDto, ['stripeEventId', 'outcome']) {
  /** Why the event has no effect. */
  errorCode: string | null;
}
