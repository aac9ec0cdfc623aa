/** The target of a button or link: a field of the message's values (`portalUrl`), or an https URL. */
export type Target = string;

/**
 * A part of a message. Texts are Handlebars templates for plain text, with the fields of `MessageValues` and
 * `{{#if}}`. HTML and plain text are both made from them.
 */
export type Block =
  | { type: 'heading'; text: string }
  | { type: 'paragraph'; text: string }
  | { type: 'note'; text: string }
  | { type: 'list'; items: string[] }
  | { type: 'steps'; steps: { title: string; text: string }[] }
  | { type: 'details'; rows: { label: string; value: string }[] }
  | { type: 'button'; label: string; url: Target }
  | { type: 'link'; label: string; url: Target };

/** The content of a message in one language. */
export interface MessageContent {
  subject: string;
  /** The preview text that mail programs show beside the subject. */
  preheader: string;
  blocks: Block[];
}

/** Whether a text has no visible characters. */
export function isBlank(text: string): boolean {
  return /^[\s\p{C}\p{Z}\p{Default_Ignorable_Code_Point}\u2800]*$/u.test(text);
}

/** Removes the blocks that are empty for this recipient (`{{#if name}}…{{/if}}`). */
export function withoutSilentBlocks(content: MessageContent): MessageContent {
  return { ...content, blocks: content.blocks.filter((block) => !('text' in block && isBlank(block.text))) };
}

/** Edits a text at a place such as `steps[0].title`. URLs are not texts. */
export type TextEdit = (text: string, path: string) => string;

/** Applies `edit` to each text of the content. The shape stays the same. */
export function mapTexts({ subject, preheader, blocks }: MessageContent, edit: TextEdit): MessageContent {
  return {
    subject: edit(subject, 'subject'),
    preheader: edit(preheader, 'preheader'),
    blocks: blocks.map((block, index) =>
      mapBlock(block, (text, path) => edit(text, `blocks[${index}].${path}`)),
    ),
  };
}

function mapBlock(block: Block, edit: TextEdit): Block {
  switch (block.type) {
    case 'heading':
    case 'paragraph':
    case 'note':
      return { ...block, text: edit(block.text, 'text') };
    case 'list':
      return { ...block, items: block.items.map((item, index) => edit(item, `items[${index}]`)) };
    case 'steps':
      return {
        ...block,
        steps: block.steps.map(({ title, text }, index) => ({
          title: edit(title, `steps[${index}].title`),
          text: edit(text, `steps[${index}].text`),
        })),
      };
    case 'details':
      return {
        ...block,
        rows: block.rows.map(({ label, value }, index) => ({
          label: edit(label, `rows[${index}].label`),
          value: edit(value, `rows[${index}].value`),
        })),
      };
    case 'button':
    case 'link':
      return { ...block, label: edit(block.label, 'label') };
  }
}
