import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock.js';
import { DomainError } from '../../platform/http/domain-error.js';
import { BehaviourSettings } from '../behaviour.settings.js';
import { type Arrival, type Call, type CollectedEvent, collectedEventOf } from './reading/collected-event.js';
import { CollectorIntake } from './writing/collector-intake.service.js';
import { CollectorMetrics } from './writing/collector-metrics.service.js';
import { EventRefusal } from './reading/event-refusal.js';
import { isObject, mayBeUnstorable } from './reading/storable-json.js';

/** A batch of smaller events than any real one would have an answer of many times its size. */
const BATCH_EVENTS_MAX = 2500;
const EVENT_BYTES_MAX = 32 * 1024;
const DAY_MS = 86_400_000;

/** The events of a request, each read or refused. */
export interface ReadRequest {
  events: readonly (CollectedEvent | EventRefusal)[];
  bytes: number;
}

/** An event of a request that is not stored. */
export interface RefusedEvent {
  /** The place of the event in the batch, from 0. */
  index: number;
  refusal: EventRefusal;
}

/** Takes events in the form of Segment's tracking API. */
@Injectable()
export class Collector {
  constructor(
    private readonly settings: BehaviourSettings,
    private readonly clock: Clock,
    private readonly intake: CollectorIntake,
    private readonly metrics: CollectorMetrics,
  ) {}

  /** Reads a single call, whose type is in its path. @throws DomainError body_not_json */
  readCall(type: Call, body: Buffer): ReadRequest {
    const { given, arrival, bytes } = this.read(body);
    const event = isObject(given) ? { ...given, type } : given;
    return { events: [collectedEventOf(event, arrival)], bytes };
  }

  /** @throws DomainError body_not_json, batch_missing, batch_too_long */
  readBatch(body: Buffer): ReadRequest {
    const { given, arrival, bytes } = this.read(body);
    const batch = isObject(given) ? given.batch : undefined;
    if (!Array.isArray(batch)) throw new DomainError('batch_missing', 'The events must be a list as batch');
    if (batch.length > BATCH_EVENTS_MAX)
      throw new DomainError('batch_too_long', `A batch must have at most ${BATCH_EVENTS_MAX} events`);
    return { events: batch.map((event) => collectedEventOf(event, arrival)), bytes };
  }

  /** Stores events that can be stored. Resolves after the commit, with all others. */
  async store({ events, bytes }: ReadRequest): Promise<RefusedEvent[]> {
    const readable = events.filter((event): event is CollectedEvent => !(event instanceof EventRefusal));
    const unstorable = new Set(readable.length > 0 ? await this.intake.submit(readable, bytes) : []);
    const refused = events.flatMap((event, index) => {
      if (event instanceof EventRefusal) return [{ index, refusal: event }];
      return unstorable.has(event)
        ? [{ index, refusal: new EventRefusal('not_storable', event.messageId) }]
        : [];
    });
    for (const { refusal } of refused) this.metrics.recordRefused(refusal.code);
    return refused;
  }

  private read(body: Buffer): { given: unknown; arrival: Arrival; bytes: number } {
    const bytes = body.length;
    const text = body.toString();
    const given = parseJson(text);
    const at = this.clock.now().getTime();
    const arrival = {
      received: { at, keptFrom: at - this.settings.retentionDays * DAY_MS },
      sentAt: isObject(given) ? given.sentAt : undefined,
      isSmall: bytes <= EVENT_BYTES_MAX,
      isStorable: !mayBeUnstorable(text),
    };
    return { given, arrival, bytes };
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new DomainError('body_not_json', 'The body must be JSON');
  }
}
