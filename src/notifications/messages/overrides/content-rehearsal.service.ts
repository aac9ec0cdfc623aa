import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { DomainError } from '../../../platform/http/domain-error.js';
import type { Language } from '../../../platform/i18n/languages.js';
import { leadsToPortal, type NotificationKind } from '../../notification-kind.js';
import { ContentTemplate } from '../content/content-template.js';
import { MessageComposer } from '../message-composer.service.js';
import { isBlank, mapTexts, type MessageContent, withoutSilentBlocks } from '../content/message-content.js';
import { SAMPLE_CUSTOMERS, SAMPLE_NAMES, type SampleCustomer } from '../sample-customers.js';
import { checkContent } from './content-check.js';
import type { ContentProblem } from './content-problem.js';
import type { TemplateId } from './template-override.entity.js';

/** Checks an operator's content before it is used: first its text, then rendered for every sample customer. */
@Injectable()
export class ContentRehearsal {
  constructor(private readonly composer: MessageComposer) {}

  /** @throws DomainError template_invalid with every problem and its place */
  rehearse({ kind, language }: TemplateId, content: MessageContent): void {
    const problems = checkContent(content);
    if (problems.length === 0) problems.push(...this.renderProblems(kind, language, content));
    if (problems.length === 0) return;
    throw new DomainError('template_invalid', 'The content has problems', problems.map(describe));
  }

  private renderProblems(
    kind: NotificationKind,
    language: Language,
    content: MessageContent,
  ): ContentProblem[] {
    const template = new ContentTemplate(content);
    return SAMPLE_NAMES.flatMap((sample) => {
      const recipient = { ...SAMPLE_CUSTOMERS[sample], locale: language };
      try {
        const links = { portalUrl: `https://portal.invalid/${randomUUID()}` };
        const { html } = this.composer.compose(template, recipient, links);
        const empty = emptyPlacesIn(this.composer.contentFor(template, recipient, links), sample);
        const hasLink = !leadsToPortal(kind) || html.includes(`href="${links.portalUrl}"`);
        return hasLink ? empty : [...empty, noLink(sample)];
      } catch (error) {
        return [{ code: 'template_syntax', path: '', message: (error as Error).message }];
      }
    });
  }
}

/** Texts that may be empty: the block is left out, or the mail has no preview text. */
const MAY_BE_EMPTY = /^(preheader|blocks\[\d+\]\.text)$/;

/** Finds places that would be empty for a customer: a button without a label, a message without a heading. */
function emptyPlacesIn(content: MessageContent, sample: SampleCustomer): ContentProblem[] {
  const message = `The text is empty for the sample customer ${sample}`;
  const empty: string[] = [];
  mapTexts(content, (text, path) => {
    if (isBlank(text) && !MAY_BE_EMPTY.test(path)) empty.push(path);
    return text;
  });
  const headings = withoutSilentBlocks(content).blocks.filter(({ type }) => type === 'heading');
  if (headings.length === 0) empty.push('heading');
  return empty.map((path) => ({ code: 'empty_text', path, message }));
}

function noLink(sample: SampleCustomer): ContentProblem {
  return {
    code: 'no_portal_link',
    path: 'blocks',
    message: `There is no link to the portal for the sample customer ${sample}`,
  };
}

/** `unknown_field at blocks[1].text:1:14: Unknown field nam` */
function describe({ code, path, line, column, message }: ContentProblem): string {
  const place = line === undefined ? path : `${path}:${line}:${column}`;
  return `${code} at ${place}: ${message}`;
}
