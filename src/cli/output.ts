/**
 * The output of a command: lines for people, or with `--json` one document for programs. Notes go to standard
 * error.
 */
export class Output {
  constructor(readonly isJson: boolean) {}

  /** A line for people. */
  line(text: string): void {
    if (!this.isJson) process.stdout.write(`${text}\n`);
  }

  /** The whole result for programs. Each command gives one. */
  document(result: unknown): void {
    if (this.isJson) process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
  }

  /** A note for people beside the result. */
  note(text: string): void {
    process.stderr.write(`${text}\n`);
  }
}
