import { Module } from '@nestjs/common';
import { OutboundHttp } from './outbound-http.service.js';

/** The only way by which connectors and outbound webhooks make requests. */
@Module({ providers: [OutboundHttp], exports: [OutboundHttp] })
export class OutboundModule {}
