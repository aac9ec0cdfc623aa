import { HttpException, HttpStatus, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Admission } from '../../platform/access/admission.service.js';
import type { Call } from './reading/collected-event.js';
import type { CollectedDto } from './collector.dto.js';
import { bodyOf } from './request-body.js';
import { Collector, type ReadRequest, type RefusedEvent } from './collector.service.js';
import type { EventRefusal } from './reading/event-refusal.js';

/** Answers the requests of clients. */
@Injectable()
export class CollectorRequests {
  constructor(
    private readonly collector: Collector,
    private readonly admission: Admission,
  ) {}

  /** @throws HttpException with the code of the refusal; DomainError */
  async takeCall(call: Call, request: FastifyRequest, reply: FastifyReply): Promise<CollectedDto> {
    const [refused] = await this.store(this.collector.readCall(call, bodyOf(request)), request, reply);
    if (refused) throw toException(refused.refusal);
    return { success: true };
  }

  /** @throws DomainError */
  async takeBatch(request: FastifyRequest, reply: FastifyReply): Promise<CollectedDto> {
    const refused = await this.store(this.collector.readBatch(bodyOf(request)), request, reply);
    if (refused.length === 0) return { success: true };
    return {
      success: true,
      refused: refused.map(({ index, refusal: { messageId, code, detail } }) => ({
        index,
        messageId,
        code,
        detail,
      })),
    };
  }

  private async store(
    read: ReadRequest,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<RefusedEvent[]> {
    await this.admission.admitEvents(request, reply, read.events.length);
    return this.collector.store(read);
  }
}

function toException({ code, detail: message }: EventRefusal): HttpException {
  const status = code === 'too_large' ? HttpStatus.PAYLOAD_TOO_LARGE : HttpStatus.BAD_REQUEST;
  return new HttpException({ message, code }, status);
}
