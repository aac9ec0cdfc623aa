/** Where a button or link leads: a field of the message's values (`portalUrl`), or an https URL. */
export type Target = string;

/**
 * A piece of a message. Texts are Handlebars templates for plain text, with the fields of
 * `MessageValues` and `{{#if}}`; HTML and text alike are made of them.
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

/** What a message says, in one language. */
export interface MessageContent {
  subject: string;
  /** What mail programs show beside the subject. */
  preheader: string;
  blocks: Block[];
}

/** Whether a reader would see nothing of it. */
export function isBlank(text: string): boolean {
  return /^[\s\p{C}\p{Z}\p{Default_Ignorable_Code_Point}\u2800]*$/u.test(text);
}

/** Without the blocks that have nothing to say to a recipient (`{{#if name}}…{{/if}}`). */
export function withoutSilentBlocks(content: MessageContent): MessageContent {
  return { ...content, blocks: content.blocks.filter((block) => !('text' in block && isBlank(block.text))) };
}

/** The texts a block is made of, with their places in it: `steps[0].title`. URLs are no texts. */
export type TextEdit = (text: string, path: string) => string;

/** The content with each of its texts changed by `edit`; its shape stays. */
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
