import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import mjml2html from 'mjml';

/**
 * Compiles the MJML layout of messages to HTML with Handlebars expressions. It runs before the build and the
 * tests: the running service does not need MJML.
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
  // MJML cannot know the value of a Handlebars expression, so its complaints about colours and enums are
  // ignored.
  const mistakes = errors.filter(({ message }) => !/\{\{.*\}\}/.test(message));
  if (mistakes.length > 0)
    throw new Error(mistakes.map(({ formattedMessage }) => formattedMessage).join('\n'));
  mkdirSync(COMPILED, { recursive: true });
  writeFileSync(new URL('layout.html.hbs', COMPILED), html.replaceAll(/\s*\n\s*/g, '\n').trim());
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await compileTemplates();
