import type { FieldName, TimeField } from '../rule.js';
import { milliseconds } from './literals.js';
import { booleanOperand, textOperand, type Operand } from './value-test-sql.js';

const folded = (text: string) => textOperand(`lower((${text}) collate "C")`);

const LOCALE = `(case jsonb_typeof(customers.preferred_locales -> 0)
  when 'string' then customers.preferred_locales ->> 0 end)`;

/** The fields with a value to compare (`FIELD_VALUES`). */
export const FIELD_OPERANDS: Record<Exclude<FieldName, TimeField>, Operand> = {
  email: folded('customers.email'),
  email_domain: folded(`substring(customers.email from '@([^@]*)$')`),
  name: textOperand('customers.name'),
  phone: textOperand('customers.phone'),
  country: folded(
    `case jsonb_typeof(customers.address -> 'country') when 'string' then customers.address ->> 'country' end`,
  ),
  language: folded(`split_part(split_part(${LOCALE}, '-', 1), '_', 1)`),
  currency: folded('customers.currency'),
  account: textOperand('customers.account'),
  livemode: booleanOperand('customers.livemode'),
  delinquent: booleanOperand('customers.delinquent'),
};

/** When the customer was created, in milliseconds since 1970. */
export const CREATED_AT = milliseconds('coalesce(customers.stripe_created_at, customers.created_at)');
