/** The parameters of a statement that is put together: values never become part of its text. */
export class SqlValues {
  readonly list: unknown[] = [];

  /** @returns the place of the value in the text, with its type */
  add(value: unknown, type: string): string {
    this.list.push(value);
    return `$${this.list.length}::${type}`;
  }
}
