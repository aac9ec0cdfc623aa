import { aCustomer, anEvent, type Fields } from '../builders.js';
import type { SunkMail } from '../mail/smtp-sink.js';
import { type Answer, request, TestApp, type TestAppOptions } from '../test-app.js';
import { waitFor } from '../wait-for.js';

const PUBLIC_URL = 'https://onboarding.mingus.test';
const PREFERENCES = /https:\/\/onboarding\.mingus\.test(\/preferences\/ml_[\w-]{71})(?=\s|$)/;
const UNSUBSCRIBE = /^<https:\/\/onboarding\.mingus\.test(\/unsubscribe\/onboarding_guide\/ml_[\w-]{71})>$/;

/** A customer who received a first message, and the links in it. */
export interface Reader {
  id: string;
  email: string;
  /** Path of the preference page. */
  preferences: string;
  /** Path that unsubscribes from the onboarding guide. */
  unsubscribe: string;
}

/** A service with a mail server whose messages and links are read. */
export class ChoicesTest {
  private constructor(readonly service: TestApp) {}

  static async start(options: TestAppOptions = {}): Promise<ChoicesTest> {
    return new ChoicesTest(await TestApp.start({ jobs: true, ...options }));
  }

  stop(): Promise<void> {
    return this.service.stop();
  }

  async onboard(fields: Fields = {}): Promise<{ id: string; email: string }> {
    const { metadata } = await this.service.createUser();
    const customer = aCustomer({ metadata, ...fields });
    await this.service.deliver(anEvent(customer));
    return customer;
  }

  /** Onboards a customer and reads all of its three mails. */
  async onboardReader(fields: Fields = {}): Promise<Reader> {
    const { id, email } = await this.onboard(fields);
    const mails = await waitFor('three mails', () => {
      const arrived = this.service.smtp.to(email);
      return arrived.length === 3 ? arrived : null;
    });
    const guide = mails.find(({ mail }) => mail.headers.has('list')) as SunkMail;
    const unsubscribe = UNSUBSCRIBE.exec(headerOf(guide, 'list-unsubscribe'))?.[1] ?? 'no link';
    return { id, email, preferences: preferencesIn(guide), unsubscribe };
  }

  visit(path: string, init: RequestInit = {}): Promise<Answer> {
    return request(`${this.service.url}${path}`, { redirect: 'manual', ...init });
  }

  submit(path: string, fields: Record<string, string> | FormData): Promise<Answer> {
    const body = fields instanceof FormData ? fields : new URLSearchParams(fields);
    return this.visit(path, { method: 'POST', body });
  }

  /** A customer's stored choices. */
  async chosen({ id }: { id: string }): Promise<{ notifications: Fields; locale: string }> {
    const { body } = await this.service.admin(`customers/${id}`);
    const { notifications, locale } = body.preferences;
    return { notifications, locale };
  }

  async auditOf({ id }: { id: string }): Promise<Fields[]> {
    const { body } = await this.service.admin(`audit-entries?objectId=${id}`);
    return body.items.filter(({ action }: { action: string }) => action === 'message_choices.changed');
  }
}

/** A header as sent, unfolded to one line. */
export function headerOf({ mail }: SunkMail, name: string): string {
  const found = mail.headerLines.find(({ key }) => key === name);
  return (
    found?.line
      .slice(name.length + 1)
      .replaceAll(/\r?\n(?=[ \t])/g, '')
      .trim() ?? ''
  );
}

/** The path of the preference page in a mail. */
export function preferencesIn({ mail }: SunkMail): string {
  return PREFERENCES.exec(mail.text ?? '')?.[1] ?? 'no link';
}

export const publicUrlOf = (path: string) => `${PUBLIC_URL}${path}`;

/** Replaces one character of a token by another one of its alphabet. */
export function tamper(path: string, at: number): string {
  const index = at < 0 ? path.length + at : path.indexOf('ml_') + at;
  return path.slice(0, index) + (path[index] === 'A' ? 'B' : 'A') + path.slice(index + 1);
}

/** Quiet hours from two hours before to two hours after a moment (UTC). */
export function hoursAround(moment: Date): string {
  const at = (hours: number) => new Date(moment.getTime() + hours * 3_600_000).toISOString().slice(11, 16);
  return `${at(-2)}-${at(2)}`;
}
