/** Why Salesforce does not save a record. */
export interface Problem {
  statusCode: string;
  message: string;
  fields: string[];
}

/** The longest text of each field; null for other types. */
export type FieldLimits = Readonly<Record<string, number | null>>;

export const KEY = 'MINGUS_Id__c';

export const CONTACT: FieldLimits = {
  FirstName: 40,
  LastName: 80,
  Email: 80,
  Phone: 40,
  Title: 128,
  Birthdate: null,
  [KEY]: 36,
};

export const TASK: FieldLimits = {
  Subject: 255,
  Description: 32_000,
  ActivityDate: null,
  WhoId: 18,
  Status: 255,
  Priority: 255,
  [KEY]: 36,
};

/** What is wrong with fields by themselves, without a look at other records. */
export function problemOf(type: string, fields: Record<string, unknown>, known: FieldLimits): Problem | null {
  for (const [name, value] of Object.entries(fields)) {
    const max = known[name];
    if (max === undefined)
      return refusal('INVALID_FIELD', `No such column '${name}' on sobject of type ${type}`);
    if (max !== null && String(value).length > max)
      return refusal('STRING_TOO_LONG', `${name}: data value too large: ${value} (max length=${max})`, name);
  }
  if (fields.Email && !/^[^@\s]+@[^@\s]+\.\w+$/.test(String(fields.Email)))
    return refusal('INVALID_EMAIL_ADDRESS', `Email: invalid email address: ${fields.Email}`, 'Email');
  if (fields.ActivityDate && !/^\d{4}-\d\d-\d\d$/.test(String(fields.ActivityDate)))
    return refusal('INVALID_TYPE_ON_FIELD_IN_RECORD', 'Due Date: value not of required type', 'ActivityDate');
  return null;
}

export function refusal(statusCode: string, message: string, ...fields: string[]): Problem {
  return { statusCode, message, fields };
}
