/** A notification was accepted by its channel. Listeners write through the EntityManager they are given. */
export class NotificationSent {
  static readonly eventName = 'notification.sent';

  constructor(
    readonly notificationId: string,
    readonly customerId: string,
    readonly kind: string,
  ) {
    Object.freeze(this);
  }
}
