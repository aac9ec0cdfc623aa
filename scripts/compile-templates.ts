import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import mjml2html from 'mjml';

/**
 * Compiles the MJML layout of messages to the HTML that the service fills in with Handlebars. Run by the
 * build, and before the tests: MJML itself is no dependency of the running service.
 */
const SOURCE = new URL('../src/notifications/messages/layout.mjml', import.meta.url);
const COMPILED = new URL('../src/notifications/messages/compiled/', import.meta.url);

export async function compileTemplates(): Promise<void> {
  const { html, errors } = await mjml2html(readFileSync(SOURCE, 'utf8'), {
    filePath: fileURLToPath(SOURCE),
    keepComments: false,
    validationLevel: 'soft',
    fonts: {},
  });
  // A value that Handlebars will put in is no colour or enum yet.
  const mistakes = errors.filter(({ message }) => !/\{\{.*\}\}/.test(message));
  if (mistakes.length > 0)
    throw new Error(mistakes.map(({ formattedMessage }) => formattedMessage).join('\n'));
  mkdirSync(COMPILED, { recursive: true });
  writeFileSync(new URL('layout.html.hbs', COMPILED), html.replaceAll(/\s*\n\s*/g, '\n').trim());
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await compileTemplates();
