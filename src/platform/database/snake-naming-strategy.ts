import { DefaultNamingStrategy } from 'typeorm';

/** `stripeCustomerId` → `stripe_customer_id`; tables and constraints are named where they are declared. */
export class SnakeNamingStrategy extends DefaultNamingStrategy {
  override columnName(propertyName: string, customName: string | undefined): string {
    return customName ?? propertyName.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  }
}
