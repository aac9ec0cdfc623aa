import { onTestFinished } from 'vitest';
import { TestApp } from '../test-app.js';
import { ScriptedSmtp, type SmtpAct, type SmtpStep } from './scripted-smtp.js';

/** A service with a scripted mail server, until the end of the test. */
export async function withScriptedServer(
  act: (step: SmtpStep, line: string) => SmtpAct | undefined,
  env: Record<string, string> = {},
): Promise<{ service: TestApp; server: ScriptedSmtp }> {
  const server = await ScriptedSmtp.start(act);
  const service = await TestApp.start({ jobs: true, env: { SMTP_PORT: String(server.port), ...env } });
  onTestFinished(async () => {
    await service.stop();
    await server.stop();
  });
  return { service, server };
}
