import { type CustomerDocument, type DocumentPath, isDocumentPath, valueAt } from './customer-document.js';
import type { Fields } from './mapping.js';

/** `{{customer.name}}` in a text. */
const PLACEHOLDER = /\{\{\s*([^{}]*?)\s*\}\}/g;

/** Why the placeholders of a text cannot be filled in; none if they can. */
export function problemsOfPlaceholders(text: string): string[] {
  const paths = [...text.matchAll(PLACEHOLDER)].map(([, path = '']) => path);
  const rest = text.replace(PLACEHOLDER, '');
  return [
    ...paths.filter((path) => !isDocumentPath(path)).map((path) => `${path} is not a path of the customer`),
    ...(/\{\{|\}\}/.test(rest) ? ['a placeholder is not complete, as {{customer.name}} is'] : []),
  ];
}

/** Fills in the placeholders of all texts from the customer as it is now. A missing value becomes an empty text. */
export function fillPlaceholders(fields: Fields, document: CustomerDocument): Fields {
  const filled = Object.entries(fields).map(([name, value]) => {
    return [name, typeof value === 'string' ? fillText(value, document) : value] as const;
  });
  return Object.fromEntries(filled);
}

function fillText(text: string, document: CustomerDocument): string {
  return text.replace(PLACEHOLDER, (_, path: DocumentPath) => {
    const value = valueAt(document, path) ?? '';
    return Array.isArray(value) ? value.join(', ') : String(value);
  });
}
