import Handlebars from 'handlebars';
import type { MessageValues } from '../content/content-template.js';
import { isBlank, mapTexts, type MessageContent } from '../content/message-content.js';
import type { ContentProblem } from './content-problem.js';
import { shapeProblems } from './content-shape.js';

/** Every field that texts may use, with its meaning. */
export const TEXT_FIELDS: Readonly<Record<keyof MessageValues, string>> = {
  brandName: 'name of the brand',
  supportEmail: 'email address for help',
  name: 'name of the customer, which may be missing: test it with {{#if name}}',
  email: 'address of the customer',
  customerSince: 'day the customer was created, in their language',
  currency: 'name of the currency the customer pays in',
  stepCount: 'number of steps in the message',
  appUrl: 'address of MINGUS',
  portalUrl: 'the billing portal',
};

const MAX_TEXT_LENGTH = 2000;
const MAX_SUBJECT_LENGTH = 150;

/** Finds all problems in an operator's content. Empty if it may be sent to customers. */
export function checkContent(content: unknown): ContentProblem[] {
  const shapeErrors = shapeProblems(content);
  if (shapeErrors.length > 0) return shapeErrors;
  const problems: ContentProblem[] = [];
  mapTexts(content as MessageContent, (text, path) => {
    problems.push(...textProblems(text, path));
    return text;
  });
  return problems;
}

function textProblems(text: string, path: string): ContentProblem[] {
  const maxLength = path === 'subject' || path === 'preheader' ? MAX_SUBJECT_LENGTH : MAX_TEXT_LENGTH;
  if (isBlank(text)) return [{ code: 'empty_text', path, message: 'The text is empty' }];
  if (text.length > maxLength) {
    return [{ code: 'too_long', path, message: `At most ${maxLength} characters` }];
  }
  const control = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\p{Bidi_Control}]/u.exec(text);
  if (control) return [at(text, control.index, 'not_one_line', path, 'One line without control characters')];
  const tag = /<[a-z/!?]/i.exec(text);
  if (tag) return [at(text, tag.index, 'html_in_text', path, 'Texts must not contain HTML; use blocks')];
  return templateProblems(text, path);
}

function templateProblems(text: string, path: string): ContentProblem[] {
  let program: hbs.AST.Program;
  try {
    program = Handlebars.parse(text);
  } catch (error) {
    const { lineNumber, column, hash } = error as {
      lineNumber?: number;
      column?: number;
      hash?: { loc?: Location };
    };
    const message =
      String((error as Error).message)
        .split('\n')
        .at(-1) ?? 'Not a template';
    return [
      {
        code: 'template_syntax',
        path,
        line: lineNumber ?? hash?.loc?.first_line ?? 1,
        column: (column ?? hash?.loc?.last_column ?? 0) + 1,
        message,
      },
    ];
  }
  return program.body.flatMap((statement) => statementProblems(statement, path));
}

interface Location {
  first_line: number;
  last_column: number;
}

/** Allows only `{{field}}`, `{{#if field}}…{{else}}…{{/if}}` and the same with `unless`. */
function statementProblems(statement: hbs.AST.Statement, path: string): ContentProblem[] {
  if (statement.type === 'ContentStatement') return [];
  if (statement.type === 'MustacheStatement') {
    const { path: expression, params, hash } = statement as hbs.AST.MustacheStatement;
    if (params.length > 0 || hash) return [unsupported(statement, path)];
    return fieldProblems(expression, path);
  }
  if (statement.type !== 'BlockStatement') return [unsupported(statement, path)];
  const { path: helper, params, hash, program, inverse } = statement as hbs.AST.BlockStatement;
  const [condition, ...more] = params;
  if (!['if', 'unless'].includes(helper.original as string) || !condition || more.length > 0 || hash) {
    return [unsupported(statement, path)];
  }
  const statements = [...program.body, ...(inverse?.body ?? [])];
  return [
    ...fieldProblems(condition, path),
    ...statements.flatMap((inner) => statementProblems(inner, path)),
  ];
}

function fieldProblems(expression: hbs.AST.Expression, path: string): ContentProblem[] {
  if (expression.type !== 'PathExpression') return [unsupported(expression, path)];
  const { original } = expression as hbs.AST.PathExpression;
  if (original === 'portalUrl' && !path.startsWith('blocks')) {
    return [
      located(expression, 'unknown_field', path, 'portalUrl is a credential and only allowed in blocks'),
    ];
  }
  if (Object.hasOwn(TEXT_FIELDS, original)) return [];
  const fields = Object.keys(TEXT_FIELDS).join(', ');
  return [located(expression, 'unknown_field', path, `Unknown field ${original}; the fields are ${fields}`)];
}

function unsupported(node: hbs.AST.Node, path: string): ContentProblem {
  return located(
    node,
    'unsupported_expression',
    path,
    'Only {{field}}, {{#if field}} and {{#unless field}} are supported',
  );
}

function located(
  node: hbs.AST.Node,
  code: ContentProblem['code'],
  path: string,
  message: string,
): ContentProblem {
  return { code, path, line: node.loc.start.line, column: node.loc.start.column + 1, message };
}

function at(
  text: string,
  index: number,
  code: ContentProblem['code'],
  path: string,
  message: string,
): ContentProblem {
  const before = text.slice(0, index).split('\n');
  return { code, path, line: before.length, column: (before.at(-1)?.length ?? 0) + 1, message };
}
