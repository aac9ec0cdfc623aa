import { Injectable } from '@nestjs/common';
import { DomainError } from '../../../platform/http/domain-error.js';
import type { Language } from '../../../platform/i18n/languages.js';
import { ContentTemplate } from '../content-template.js';
import { MessageComposer } from '../message-composer.service.js';
import type { MessageContent } from '../message-content.js';
import { SAMPLE_CUSTOMERS } from '../sample-customers.js';
import { checkContent, type ContentProblem } from './content-check.js';

/** Checks an operator's content before anybody gets it: by its text, then rendered for every sample customer. */
@Injectable()
export class ContentRehearsal {
  constructor(private readonly composer: MessageComposer) {}

  /** @throws DomainError template_invalid with every problem and its place */
  rehearse(language: Language, content: MessageContent): void {
    const problems = checkContent(content);
    if (problems.length === 0) problems.push(...this.performProblems(language, content));
    if (problems.length === 0) return;
    throw new DomainError('template_invalid', 'The content cannot be sent as it is', problems.map(describe));
  }

  private performProblems(language: Language, content: MessageContent): ContentProblem[] {
    try {
      const template = new ContentTemplate(content);
      const messages = Object.entries(SAMPLE_CUSTOMERS).map(([sample, recipient]) => ({
        sample,
        ...this.composer.compose(template, { ...recipient, locale: language }),
      }));
      return messages.flatMap(({ sample, subject }): ContentProblem[] =>
        subject
          ? []
          : [{ code: 'empty_text', path: 'subject', message: `Nothing is left of it for ${sample}` }],
      );
    } catch (error) {
      return [{ code: 'template_syntax', path: '', message: (error as Error).message }];
    }
  }
}

/** `unknown_field at blocks[1].text:1:14: There is no field nam` */
function describe({ code, path, line, column, message }: ContentProblem): string {
  const place = line === undefined ? path : `${path}:${line}:${column}`;
  return `${code} at ${place}: ${message}`;
}
