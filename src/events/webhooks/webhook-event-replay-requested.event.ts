import type { DomainEvent } from '../domain-event.js';

/** An operator started or cancelled a replay of many events. */
export class WebhookEventReplayRequested implements DomainEvent {
  static readonly eventName = 'webhook_event_replay.requested';
  readonly eventName = WebhookEventReplayRequested.eventName;

  constructor(
    readonly replayId: string,
    readonly act: 'started' | 'cancelled',
    readonly replay: Readonly<{ filter: object; dryRun: boolean; total: number; done: number }>,
  ) {
    Object.freeze(this);
  }
}
