/** A notification was accepted by its channel; told again when a further copy was. Listeners fill the unit of work. */
export class NotificationSent {
  static readonly eventName = 'notification.sent';

  constructor(
    readonly notificationId: string,
    readonly customerId: string,
    readonly kind: string,
    readonly channel: string,
  ) {
    Object.freeze(this);
  }
}
