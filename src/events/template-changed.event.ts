import type { DomainEvent } from './domain-event.js';

/**
 * An operator changed the content of a message kind: saved a version, restored one, or restored the built-in
 * content.
 */
export class TemplateChanged implements DomainEvent {
  static readonly eventName = 'template.changed';
  readonly eventName = TemplateChanged.eventName;

  constructor(
    readonly act: 'saved' | 'rolled_back' | 'reset',
    /** `welcome/es` */
    readonly template: string,
    /** Versions in use; null is the built-in content. */
    readonly versions: Readonly<{ before: number | null; after: number | null }>,
  ) {
    Object.freeze(this);
  }
}
