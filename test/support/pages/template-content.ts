import { type Fields } from '../builders.js';
import { ADMIN_KEY, type Answer, request, type TestApp } from '../test-app.js';

export const HEADING = { type: 'heading', text: 'Hello' };
export const PORTAL_BUTTON = { type: 'button', label: 'Open', url: 'portalUrl' };
export const paragraph = (text: string) => ({ type: 'paragraph', text });

/** Content as an operator could write it. */
export function someContent(fields: Fields = {}): Fields {
  return {
    subject: 'Hello{{#if name}} {{name}}{{/if}}, your {{brandName}} is ready',
    preheader: 'One click away',
    blocks: [
      { type: 'heading', text: 'Hello {{#if name}}{{name}}{{else}}there{{/if}}' },
      paragraph('Since {{customerSince}} you pay in {{currency}}.'),
      { type: 'button', label: 'Go', url: 'https://mingus.test/campaign?x=1' },
    ],
    ...fields,
  };
}

/** Calls the admin API for templates. */
export function callTemplates(
  service: TestApp,
  method: string,
  path: string,
  body?: unknown,
): Promise<Answer> {
  return request(`${service.url}/admin/templates/${path}`, {
    method,
    headers: {
      authorization: `Bearer ${ADMIN_KEY}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
}
