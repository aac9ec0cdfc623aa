import { Catch, HttpStatus } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { takesForm } from '../http/fastify-adapter.js';
import { type ProblemDetails, ProblemDetailsFilter, sendProblem } from '../http/problem-details.filter.js';
import { prefersPage } from './accepted.js';
import { PageRenderer, type PageTemplate } from './page-renderer.service.js';

/** Answers errors of page controllers with pages. */
@Catch()
export class PageErrorFilter extends ProblemDetailsFilter {
  private readonly content: PageTemplate;

  constructor(private readonly pages: PageRenderer) {
    super();
    this.content = pages.compile(new URL('message.html.hbs', import.meta.url));
  }

  protected override answer(reply: FastifyReply, request: FastifyRequest, { status }: ProblemDetails): void {
    const text = this.pages.textsFor(request);
    const about = subjectOf(status, request);
    const fields = { message: text.t(`pages:${about}.text`) };
    this.pages.send(reply, text, {
      status,
      title: text.t(`pages:${about}.title`),
      content: this.content,
      fields,
    });
  }
}

function subjectOf(status: HttpStatus, request: FastifyRequest): 'fault' | 'unknown' | 'refused' {
  if (status >= HttpStatus.INTERNAL_SERVER_ERROR) return 'fault';
  return request.is404 ? 'unknown' : 'refused';
}

/**
 * Answers errors outside of controllers: a malformed form is refused before its controller runs, and an
 * unknown path has none. Browsers get a page, programs get problem details.
 */
@Catch()
export class RequestErrorFilter extends PageErrorFilter {
  protected override answer(reply: FastifyReply, request: FastifyRequest, details: ProblemDetails): void {
    if (request.is404) void reply.header('vary', 'Accept');
    const isForPeople = request.is404 ? prefersPage(request.headers.accept) : takesForm(request);
    if (isForPeople) super.answer(reply, request, details);
    else sendProblem(reply, details);
  }
}
