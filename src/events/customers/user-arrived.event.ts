/** A MINGUS user came into being; customers that waited for it can be set up now. */
export class UserArrived {
  static readonly eventName = 'user.arrived';

  constructor(
    readonly userId: string,
    /** What was stored of it here; null for a user of another table, who was only announced. */
    readonly stored: Readonly<{ email: string; name: string | null; createdAt: Date }> | null,
  ) {
    Object.freeze(this);
  }
}
