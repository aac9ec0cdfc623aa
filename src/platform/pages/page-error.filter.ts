import { Catch, HttpStatus } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { takesForm } from '../http/fastify-adapter.js';
import { type ProblemDetails, ProblemDetailsFilter, sendProblem } from '../http/problem-details.filter.js';
import { PageRenderer, type PageTemplate } from './page-renderer.service.js';

/** For controllers that answer people: an error is a page as well. */
@Catch()
export class PageErrorFilter extends ProblemDetailsFilter {
  private readonly content: PageTemplate;

  constructor(private readonly pages: PageRenderer) {
    super();
    this.content = pages.compile(new URL('message.html.hbs', import.meta.url));
  }

  protected override answer(reply: FastifyReply, request: FastifyRequest, { status }: ProblemDetails): void {
    const text = this.pages.textsFor(request);
    const about = status >= HttpStatus.INTERNAL_SERVER_ERROR ? 'fault' : 'refused';
    const fields = { message: text.t(`pages:${about}.text`) };
    this.pages.send(reply, text, {
      status,
      title: text.t(`pages:${about}.title`),
      content: this.content,
      fields,
    });
  }
}

/** For the whole service: what is wrong with a form is found before the controller of its page is. */
@Catch()
export class RequestErrorFilter extends PageErrorFilter {
  protected override answer(reply: FastifyReply, request: FastifyRequest, details: ProblemDetails): void {
    if (takesForm(request)) super.answer(reply, request, details);
    else sendProblem(reply, details);
  }
}
