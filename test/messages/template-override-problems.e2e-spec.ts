import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Fields } from '../support/builders.js';
import { callTemplates, HEADING, paragraph, someContent } from '../support/pages/template-content.js';
import { TestApp } from '../support/test-app.js';

describe('content that cannot be rendered for all customers', () => {
  let service: TestApp;

  beforeAll(async () => {
    service = await TestApp.start();
  });
  afterAll(() => service.stop());

  const call = (method: string, path: string, body?: unknown) => callTemplates(service, method, path, body);
  const save = (content: unknown, template = 'welcome/en') => call('PUT', template, content);

  it.each([
    ['an unknown field', 'Hi {{nam}}', 'unknown_field at blocks[1].text:1:6'],
    [
      'an unknown field that a preview would not show',
      'Hi {{#if name}}{{x}}{{/if}}',
      'unknown_field at blocks[1].text:1:18',
    ],
    ['an unclosed tag', 'Hi {{#if name}}there', 'template_syntax at blocks[1].text:1:'],
    ['an unclosed brace', 'Hi {{name', 'template_syntax at blocks[1].text:1:'],
    ['a tag that closes another', '{{#if name}}x{{/unless}}', 'template_syntax at blocks[1].text:1:'],
    ['a calculation', 'Hi {{7*7}}', 'template_syntax at blocks[1].text:1:'],
    ['a loop', '{{#each name}}x{{/each}}', 'unsupported_expression at blocks[1].text:1:1'],
    ['a partial', 'Hi {{> layout}}', 'unsupported_expression at blocks[1].text:1:4'],
    ['a helper', '{{lookup name "length"}}', 'unsupported_expression at blocks[1].text:1:1'],
    ['a way to the prototype', '{{name.constructor}}', 'unknown_field at blocks[1].text:1:3'],
    ['the prototype itself', '{{__proto__}}', 'unknown_field at blocks[1].text:1:3'],
    ['HTML', 'Hi <b>you</b>', 'html_in_text at blocks[1].text:1:4'],
    ['a script', '</td><script>alert(1)</script>', 'html_in_text at blocks[1].text:1:1'],
    ['a line break', 'Hi\r\nBcc: x', 'not_one_line at blocks[1].text:1:3'],
    ['a NUL', 'Hi\u0000', 'not_one_line at blocks[1].text:1:3'],
    ['nothing', '  ', 'empty_text at blocks[1].text'],
    ['2,001 characters', 'x'.repeat(2001), 'too_long at blocks[1].text'],
    ['no text', 7, 'wrong_shape at blocks[1].text'],
  ])('cannot be saved with %s in a text', async (_, text, problem) => {
    const before = await service.database.count('template_overrides');

    const { status, body } = await save(
      someContent({ blocks: [{ type: 'heading', text: 'Hello' }, paragraph(text as string)] }),
    );

    expect({ status, code: body.code }).toEqual({ status: 422, code: 'template_invalid' });
    expect(body.errors).toEqual([expect.stringContaining(problem)]);
    expect(await service.database.count('template_overrides')).toBe(before);
  });

  it.each<[string, Fields, number, string]>([
    ['no subject', { subject: undefined }, 400, 'subject must be a string'],
    ['a subject of blanks', { subject: ' ' }, 422, 'empty_text at subject'],
    [
      'a subject that nameless people would not have',
      { subject: '{{#if name}}x{{/if}}' },
      422,
      'empty_text at subject',
    ],
    ['the link in its subject', { subject: 'Open {{portalUrl}}' }, 422, 'unknown_field at subject:1:8'],
    ['a subject that turns round', { subject: 'Hi \u202Egnp' }, 422, 'not_one_line at subject'],
    [
      'a control character in a link',
      { blocks: [{ type: 'button', label: 'x', url: 'https://x.test/\u0001' }] },
      422,
      'unknown_target at blocks[0].url',
    ],
    ['an invisible subject', { subject: '\u200B\u2060' }, 422, 'empty_text at subject'],
    [
      'a heading that nameless people would not have',
      { blocks: [{ type: 'heading', text: '{{#if name}}Hello{{/if}}' }, paragraph('x')] },
      422,
      'empty_text at heading: The text is empty for the sample customer nameless',
    ],
    [
      'an invisible heading',
      { blocks: [{ type: 'heading', text: '\u3164' }] },
      422,
      'empty_text at blocks[0].text',
    ],
    [
      'an empty button for nameless people',
      { blocks: [HEADING, { type: 'button', label: '{{name}}', url: 'appUrl' }] },
      422,
      'empty_text at blocks[1].label: The text is empty for the sample customer nameless',
    ],
    [
      'an empty list item for nameless people',
      { blocks: [HEADING, { type: 'list', items: ['x', '{{name}}'] }] },
      422,
      'empty_text at blocks[1].items[1]',
    ],
    ['a subject with a header', { subject: 'x\r\nBcc: a@x.test' }, 422, 'not_one_line at subject:1:2'],
    ['a subject of 151 characters', { subject: 'x'.repeat(151) }, 422, 'too_long at subject'],
    ['no blocks', { blocks: [] }, 422, 'wrong_shape at blocks'],
    ['blocks that are none', { blocks: 'x' }, 400, 'blocks must be an array'],
    ['31 blocks', { blocks: Array.from({ length: 31 }, () => paragraph('x')) }, 422, 'wrong_shape at blocks'],
    ['no heading', { blocks: [paragraph('x')] }, 422, 'wrong_shape at blocks: must contain a heading'],
    ['a block of no type', { blocks: [null] }, 422, 'wrong_shape at blocks[0].type'],
    [
      'a block of an inherited type',
      { blocks: [{ type: 'constructor' }] },
      422,
      'wrong_shape at blocks[0].type',
    ],
    ['raw HTML', { blocks: [{ type: 'html', html: '<b>' }] }, 422, 'wrong_shape at blocks[0].type'],
    [
      'a field too many',
      { blocks: [{ type: 'heading', text: 'x', style: 'y' }] },
      422,
      'wrong_shape at blocks[0].style',
    ],
    ['an empty list', { blocks: [{ type: 'list', items: [] }] }, 422, 'wrong_shape at blocks[0].items'],
    [
      'a step without title',
      { blocks: [{ type: 'steps', steps: [{ text: 'x' }] }] },
      422,
      'wrong_shape at blocks[0].steps[0].title',
    ],
    [
      'a link that runs',
      { blocks: [{ type: 'link', label: 'x', url: 'javascript:alert(1)' }] },
      422,
      'unknown_target at blocks[0].url',
    ],
    [
      'a link in the clear',
      { blocks: [{ type: 'button', label: 'x', url: 'http://x.test' }] },
      422,
      'unknown_target at blocks[0].url',
    ],
    [
      'a link to a field',
      { blocks: [{ type: 'button', label: 'x', url: '{{email}}' }] },
      422,
      'unknown_target at blocks[0].url',
    ],
    [
      'a field in a link',
      { blocks: [{ type: 'button', label: 'x', url: 'https://help.example/{{name}}' }] },
      422,
      'unknown_target at blocks[0].url',
    ],
    ['an unknown field', { html: '<b>' }, 400, 'property html should not exist'],
  ])('cannot be saved with %s', async (_, fields, status, problem) => {
    const before = await service.database.count('template_overrides');

    const answer = await save(someContent(fields));

    expect(answer.status).toBe(status);
    expect(answer.body.errors.join('\n')).toContain(problem);
    expect(await service.database.count('template_overrides')).toBe(before);
  });

  it.each(['portal_access/en', 'portal_link/es'])(
    'of %s cannot be saved without a link to the portal for all customers',
    async (template) => {
      const forSome = paragraph('{{#if name}}Open {{portalUrl}}{{/if}}');
      const refused = await save(someContent({ blocks: [HEADING, forSome] }), template);
      const bare = await save(someContent({ blocks: [HEADING, paragraph('Open {{portalUrl}}')] }), template);
      const button = { type: 'button', label: 'Open', url: 'portalUrl' } as const;
      const saved = await save(someContent({ blocks: [HEADING, button] }), template);

      expect(bare).toMatchObject({ status: 422, body: { code: 'template_invalid' } });
      expect(refused).toMatchObject({ status: 422, body: { code: 'template_invalid' } });
      expect(refused.body.errors).toContain(
        'no_portal_link at blocks: There is no link to the portal for the sample customer nameless',
      );
      expect(saved.status).toBe(200);
    },
  );

  it.each([
    ['PUT', 'farewell/en', someContent(), 400],
    ['PUT', 'welcome/fr', someContent(), 400],
    ['GET', 'welcome/en-GB', undefined, 400],
    ['GET', 'constructor/en/versions', undefined, 400],
    ['POST', 'welcome/en/rollback', {}, 400],
    ['POST', 'welcome/en/rollback', { version: '1' }, 400],
    ['POST', 'welcome/en/rollback', { version: 0 }, 400],
    ['POST', 'welcome/en/rollback', { version: 99_999 }, 404],
    ['POST', 'welcome/en/preview?customer=nobody', someContent(), 400],
    ['GET', 'welcome/preview?locale=fr', undefined, 400],
    ['GET', 'welcome/preview?format=pdf', undefined, 400],
    ['GET', 'farewell/preview', undefined, 400],
    ['GET', 'preview?kind=x', undefined, 400],
  ])('answers %s %s that it does not understand', async (method, path, body, status) => {
    expect((await call(method, path, body)).status).toBe(status);
  });
});
