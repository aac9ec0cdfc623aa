import { DiscoveryService } from '@nestjs/core';
import type { EntityManager } from 'typeorm';

/** Something that makes deliveries by connectors. A connector that it uses cannot be deleted. */
export interface ConnectorUser {
  /** The names of what uses a connector, such as automations; none if it is free. */
  usesOf(connector: string, manager: EntityManager): Promise<string[]>;
}

/** Marks a provider that is asked before a connector is deleted: `@UsesConnectors('automations')`. */
export const UsesConnectors = DiscoveryService.createDecorator<string>();
