import { runCommandLine } from '../../../src/cli/command-line.js';

/** What a command has printed, and its exit code. */
export interface CommandResult {
  exitCode: number;
  stdout: string;
  stderr: string;
}

/**
 * Runs a command of the CLI in the test's process, with exactly this environment: loading the application again
 * for each command would take two seconds of CPU. Commands must not run at the same time.
 */
export async function runCommand(
  args: readonly string[],
  environment: Record<string, string>,
): Promise<CommandResult> {
  const stdout = capture(process.stdout);
  const stderr = capture(process.stderr);
  try {
    const exitCode = await runCommandLine(args, () => environment);
    return { exitCode, stdout: stdout.text(), stderr: stderr.text() };
  } finally {
    stdout.end();
    stderr.end();
  }
}

/** Collects what is written to a stream, and keeps it from the terminal. */
function capture(stream: NodeJS.WriteStream): { text: () => string; end: () => void } {
  const chunks: string[] = [];
  const { write } = stream;
  stream.write = (chunk: string | Uint8Array) => chunks.push(Buffer.from(chunk).toString()) > 0;
  return {
    text: () => chunks.join(''),
    end: () => {
      stream.write = write;
    },
  };
}
