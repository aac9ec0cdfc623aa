/** An immutable fact. Listeners subscribe to it by its name. */
export interface DomainEvent {
  readonly eventName: string;
}
