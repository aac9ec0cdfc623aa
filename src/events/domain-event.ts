/** A frozen fact. Its name is what listeners subscribe to. */
export interface DomainEvent {
  readonly eventName: string;
}
