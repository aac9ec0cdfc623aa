import type { ContentProblem } from './content-problem.js';

const MAX_BLOCKS = 30;
const MAX_ENTRIES = 20;
const TARGETS = ['appUrl', 'portalUrl'];

/** The allowed value of a block's field. */
type Rule = 'text' | 'target' | readonly string[] | 'texts';

/** The fields of each type of block. A list of names stands for a list of objects with these texts. */
const SHAPES: Readonly<Record<string, Readonly<Record<string, Rule>>>> = {
  heading: { text: 'text' },
  paragraph: { text: 'text' },
  note: { text: 'text' },
  list: { items: 'texts' },
  steps: { steps: ['title', 'text'] },
  details: { rows: ['label', 'value'] },
  button: { label: 'text', url: 'target' },
  link: { label: 'text', url: 'target' },
};

/** Finds where the content differs from `MessageContent`. Empty if it has the right shape. */
export function shapeProblems(content: unknown): ContentProblem[] {
  const { subject, preheader, blocks } = Object(content) as Record<string, unknown>;
  const problems = [...textShape(subject, 'subject'), ...textShape(preheader, 'preheader')];
  if (!Array.isArray(blocks) || blocks.length === 0 || blocks.length > MAX_BLOCKS) {
    return [...problems, wrong('blocks', `must be 1 to ${MAX_BLOCKS} blocks`)];
  }
  problems.push(...blocks.flatMap((block: unknown, index) => blockShape(block, `blocks[${index}]`)));
  const headings = blocks.filter(
    (block: unknown) => (Object(block) as { type?: unknown }).type === 'heading',
  );
  if (headings.length === 0) problems.push(wrong('blocks', 'must contain a heading'));
  return problems;
}

function blockShape(block: unknown, path: string): ContentProblem[] {
  const { type, ...fields } = Object(block) as Record<string, unknown>;
  const shape = typeof type === 'string' && Object.hasOwn(SHAPES, type) ? SHAPES[type] : undefined;
  if (!shape) return [wrong(`${path}.type`, `must be one of ${Object.keys(SHAPES).join(', ')}`)];
  const unknown = Object.keys(fields).filter((name) => !Object.hasOwn(shape, name));
  return [
    ...unknown.map((name) => wrong(`${path}.${name}`, `is not a field of a ${String(type)} block`)),
    ...Object.entries(shape).flatMap(([name, rule]) => fieldShape(fields[name], rule, `${path}.${name}`)),
  ];
}

function fieldShape(value: unknown, rule: Rule, path: string): ContentProblem[] {
  if (rule === 'text') return textShape(value, path);
  if (rule === 'target') return targetShape(value, path);
  if (!Array.isArray(value) || value.length === 0 || value.length > MAX_ENTRIES) {
    return [wrong(path, `must be 1 to ${MAX_ENTRIES} entries`)];
  }
  return value.flatMap((entry: unknown, index) => {
    if (rule === 'texts') return textShape(entry, `${path}[${index}]`);
    const fields = Object(entry) as Record<string, unknown>;
    const unknown = Object.keys(fields).filter((name) => !rule.includes(name));
    return [
      ...unknown.map((name) => wrong(`${path}[${index}].${name}`, 'is not a field here')),
      ...rule.flatMap((name) => textShape(fields[name], `${path}[${index}].${name}`)),
    ];
  });
}

function textShape(value: unknown, path: string): ContentProblem[] {
  return typeof value === 'string' ? [] : [wrong(path, 'must be a text')];
}

/**
 * A target is a link of ours or an https URL, without fields. Other schemes such as `javascript:` are not
 * allowed.
 */
function targetShape(value: unknown, path: string): ContentProblem[] {
  const text = typeof value === 'string' ? value : '';
  const isWeb = /^https:\/\/[^\s<>"{}\p{C}]{1,1000}$/u.test(text) && URL.canParse(text);
  if (TARGETS.includes(text) || isWeb) return [];
  return [{ code: 'unknown_target', path, message: `must be ${TARGETS.join(' or ')}, or an https URL` }];
}

function wrong(path: string, message: string): ContentProblem {
  return { code: 'wrong_shape', path, message };
}
