import { Controller, Get, NotFoundException, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { prefersPage } from '../../platform/pages/accepted.js';
import { PageResponse } from '../../platform/pages/page-controller.decorator.js';
import { PortalPages } from './portal-pages.service.js';

/** The page at the service's address without a path. Clients that do not ask for HTML get 404. */
@Controller()
@ApiTags('portal')
@ApiProduces('text/html', 'application/problem+json')
export class FrontPageController {
  constructor(private readonly pages: PortalPages) {}

  @Get()
  @ApiOperation({ summary: 'The front page: names the service, and links to MINGUS and to the portal' })
  @PageResponse(200, 'The page, for clients that ask for HTML (`Accept: text/html`)')
  @PageResponse(404, 'The answer to all other clients')
  show(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    void reply.header('vary', 'Accept');
    if (!prefersPage(request.headers.accept)) throw new NotFoundException('Only a page for browsers is here');
    const text = this.pages.textsFor(request);
    this.pages.send(reply, text, this.pages.front(text));
  }
}
