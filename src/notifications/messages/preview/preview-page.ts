import Handlebars from 'handlebars';
import { LANGUAGES } from '../../../platform/i18n/languages.js';
import { NOTIFICATION_KINDS } from '../../notification-kind.js';
import { SAMPLE_NAMES } from '../sample-customers.js';

/** The selected value of each list. */
export interface Shown {
  kind: string;
  locale: string;
  customer: string;
}

const CHOICES: Readonly<Record<keyof Shown, readonly string[]>> = {
  kind: NOTIFICATION_KINDS,
  locale: LANGUAGES,
  customer: SAMPLE_NAMES,
};

const PAGE = Handlebars.compile<object>(
  `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Messages: {{shown.kind}} ({{shown.locale}}, {{shown.customer}})</title>
    <style>
      :root { color-scheme: light dark; }
      body { font: 15px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 1100px; padding: 16px; }
      nav dl { display: grid; grid-template-columns: max-content 1fr; gap: 4px 16px; margin: 0 0 16px; }
      dt { font-weight: 600; }
      dd { margin: 0; display: flex; flex-wrap: wrap; gap: 4px 16px; }
      [aria-current] { font-weight: 700; text-decoration: none; color: inherit; }
      h2 { font-size: 15px; margin: 16px 0 4px; }
      .frames { display: flex; flex-wrap: wrap; gap: 0 24px; align-items: flex-start; }
      iframe { border: 1px solid #8a97a1; border-radius: 8px; height: 900px; max-width: 100%; }
    </style>
  </head>
  <body>
    <h1>Messages</h1>
    <nav aria-label="What is shown">
      <dl>
        {{#each choices}}
        <dt>{{name}}</dt>
        <dd>{{#each options}}<a href="?{{query}}"{{#if current}} aria-current="true"{{/if}}>{{value}}</a>{{/each}}</dd>
        {{/each}}
      </dl>
    </nav>
    <p><strong>Subject:</strong> <bdi>{{subject}}</bdi></p>
    <div class="frames">
      <section><h2>Telephone</h2><iframe title="HTML, 320 px wide" width="320" src="{{message}}&amp;format=html"></iframe></section>
      <section><h2>Screen</h2><iframe title="HTML, 680 px wide" width="680" src="{{message}}&amp;format=html"></iframe></section>
      <section><h2>Plain text</h2><iframe title="Plain text" width="680" src="{{message}}&amp;format=text"></iframe></section>
    </div>
  </body>
</html>
`,
  { strict: true },
);

/** The preview page: one message at two widths and as text, with links to all others. It works without JavaScript. */
export function previewPage({ kind, locale, customer }: Shown, subject: string): string {
  const shown: Shown = { kind, locale, customer };
  const choices = Object.entries(CHOICES).map(([name, values]) => ({
    name,
    options: values.map((value) => ({
      value,
      query: new URLSearchParams({ ...shown, [name]: value }).toString(),
      current: shown[name as keyof Shown] === value,
    })),
  }));
  const message = `/admin/templates/${kind}/preview?${new URLSearchParams({ locale, customer }).toString()}`;
  return PAGE({ shown, choices, subject, message });
}
