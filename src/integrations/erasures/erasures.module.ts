import { Module } from '@nestjs/common';
import { ConnectorsModule } from '../connectors/connectors.module.js';
import { ConnectorErasuresController } from './connector-erasures.controller.js';
import { ConnectorErasures } from './connector-erasures.service.js';
import { ConnectorReceipts } from './connector-receipts.service.js';
import { ConnectorErasureListener } from './erasure.listener.js';

/** The erasures of persons in systems outside, with their receipts. */
@Module({
  imports: [ConnectorsModule],
  controllers: [ConnectorErasuresController],
  providers: [ConnectorErasures, ConnectorErasureListener, ConnectorReceipts],
  exports: [ConnectorErasures],
})
export class ErasuresModule {}
