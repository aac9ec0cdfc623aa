import { Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { OutboxCluster } from './outbox-cluster.service.js';
import { OutboxListener } from './outbox.listener.js';
import { OutboxRelay } from './outbox-relay.service.js';
import { OutboxSwitch } from './outbox-switch.service.js';

/** Facts about customers on their way out. It finds its consumers by their decorator and imports none of them. */
@Module({
  imports: [DiscoveryModule],
  providers: [OutboxSwitch, OutboxCluster, OutboxListener, OutboxRelay],
  exports: [OutboxSwitch],
})
export class OutboxModule {}
