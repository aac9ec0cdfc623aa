import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { DomainError } from '../../../platform/http/domain-error.js';
import type { Language } from '../../../platform/i18n/languages.js';
import { leadsToPortal, type NotificationKind } from '../../notification-kind.js';
import { ContentTemplate } from '../content-template.js';
import { MessageComposer } from '../message-composer.service.js';
import { isBlank, mapTexts, type MessageContent, withoutSilentBlocks } from '../message-content.js';
import { SAMPLE_CUSTOMERS, SAMPLE_NAMES, type SampleCustomer } from '../sample-customers.js';
import { checkContent } from './content-check.js';
import type { ContentProblem } from './content-problem.js';
import type { TemplateId } from './template-override.entity.js';

/** Checks an operator's content before anybody gets it: by its text, then rendered for every sample customer. */
@Injectable()
export class ContentRehearsal {
  constructor(private readonly composer: MessageComposer) {}

  /** @throws DomainError template_invalid with every problem and its place */
  rehearse({ kind, language }: TemplateId, content: MessageContent): void {
    const problems = checkContent(content);
    if (problems.length === 0) problems.push(...this.performProblems(kind, language, content));
    if (problems.length === 0) return;
    throw new DomainError('template_invalid', 'The content cannot be sent as it is', problems.map(describe));
  }

  private performProblems(
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
        const silent = silenceIn(this.composer.contentFor(template, recipient, links), sample);
        const hasLink = !leadsToPortal(kind) || html.includes(`href="${links.portalUrl}"`);
        return hasLink ? silent : [...silent, noLink(sample)];
      } catch (error) {
        return [{ code: 'template_syntax', path: '', message: (error as Error).message }];
      }
    });
  }
}

/** What can be left out where it says nothing: the block, or the line beside the subject. */
const DISPENSABLE = /^(preheader|blocks\[\d+\]\.text)$/;

/** Places where a customer would find nothing: an empty button, a message without a heading. */
function silenceIn(content: MessageContent, sample: SampleCustomer): ContentProblem[] {
  const message = `Nothing is left of it for ${sample}`;
  const silent: string[] = [];
  mapTexts(content, (text, path) => {
    if (isBlank(text) && !DISPENSABLE.test(path)) silent.push(path);
    return text;
  });
  const headings = withoutSilentBlocks(content).blocks.filter(({ type }) => type === 'heading');
  if (headings.length === 0) silent.push('heading');
  return silent.map((path) => ({ code: 'empty_text', path, message }));
}

function noLink(sample: SampleCustomer): ContentProblem {
  return { code: 'no_portal_link', path: 'blocks', message: `No way to the portal for ${sample}` };
}

/** `unknown_field at blocks[1].text:1:14: There is no field nam` */
function describe({ code, path, line, column, message }: ContentProblem): string {
  const place = line === undefined ? path : `${path}:${line}:${column}`;
  return `${code} at ${place}: ${message}`;
}
