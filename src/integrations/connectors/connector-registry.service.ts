import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { DomainError } from '../../platform/http/domain-error.js';
import { providersMarkedBy } from '../../platform/marked-providers.js';
import { type Connector, Connects } from './connector.js';

/** Finds the class of each system. */
@Injectable()
export class ConnectorRegistry implements OnModuleInit {
  private connectors = new Map<string, Connector>();

  constructor(private readonly discovery: DiscoveryService) {}

  /** @throws if two classes connect to one system, so that the boot fails */
  onModuleInit(): void {
    this.connectors = providersMarkedBy(this.discovery, Connects, 'connector');
  }

  /** All systems, by name. */
  get systems(): ReadonlyMap<string, Connector> {
    return this.connectors;
  }

  /** @throws DomainError system_unknown */
  get(system: string): Connector {
    const connector = this.connectors.get(system);
    if (connector) return connector;
    const known = [...this.connectors.keys()].toSorted().join(', ');
    throw new DomainError('system_unknown', `No connector for this system; there are ${known}`);
  }
}
