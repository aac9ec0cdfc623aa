import { spawnSync } from 'node:child_process';

/**
 * Fails on known vulnerabilities (high or critical) of shipped dependencies. It reports a registry that
 * cannot answer, and does not fail.
 */
const { stdout } = spawnSync('npm', ['audit', '--omit=dev', '--json'], { encoding: 'utf8' });
const report = JSON.parse(stdout || '{}') as {
  error?: { summary?: string };
  metadata?: { vulnerabilities: Record<string, number> };
};
if (!report.metadata) {
  process.stdout.write(
    `The registry does not report vulnerabilities: ${report.error?.summary ?? 'no answer'}\n`,
  );
} else {
  const { high = 0, critical = 0, total = 0 } = report.metadata.vulnerabilities;
  process.stdout.write(`${total} known vulnerabilities, ${high} high, ${critical} critical\n`);
  if (high + critical > 0) process.exitCode = 1;
}
