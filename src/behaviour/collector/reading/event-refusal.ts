/** Why an event is refused: each code with the words for the client. */
export const REFUSALS = {
  not_an_object: 'An event must be a JSON object',
  type_unknown: 'type must be track, identify, page, screen, group or alias',
  too_large: 'An event must be at most 32 KB',
  too_deep: 'An event must be nested at most 20 levels deep',
  identity_missing: 'An event needs a userId or an anonymousId; an alias needs a userId',
  id_invalid: 'userId, anonymousId, previousId, groupId and messageId must be texts of 1 to 255 characters',
  previous_id_missing: 'An alias needs a previousId',
  group_id_missing: 'A group needs a groupId',
  event_missing: 'A track needs the name of the event as event',
  name_invalid: 'event, name and category must be texts of at most 200 characters',
  name_reserved: 'This name is reserved for the facts of this service',
  object_invalid: 'properties, traits and context must be JSON objects',
  time_invalid: 'timestamp, originalTimestamp and sentAt must be times in ISO 8601 with a zone',
  time_in_the_future: 'The event lies more than five minutes in the future',
  time_before_retention: 'The event is older than events are kept',
  not_storable: 'The database refuses the data of this event',
} as const;

export type RefusalCode = keyof typeof REFUSALS;

/** An event that is not stored. */
export class EventRefusal {
  constructor(
    readonly code: RefusalCode,
    readonly messageId: string | null = null,
  ) {}

  get detail(): string {
    return REFUSALS[this.code];
  }
}
