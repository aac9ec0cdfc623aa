/** A MINGUS user came into being; customers that waited for it can be set up now. */
export class UserArrived {
  static readonly eventName = 'user.arrived';

  constructor(readonly userId: string) {
    Object.freeze(this);
  }
}
