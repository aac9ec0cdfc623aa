import { isFree, PortTaken } from './free-port.js';

/** A local mail server that keeps all mails and shows them in a web inbox. */
export interface Mailbox {
  stop(): Promise<void>;
}

/**
 * Starts the mailbox. It keeps its mails in `folder`, because by default all users of a machine would share
 * one folder.
 * @throws PortTaken
 */
export async function startMailbox(smtpPort: number, webPort: number, folder: string): Promise<Mailbox> {
  const ports = { MAILBOX_SMTP_PORT: smtpPort, MAILBOX_WEB_PORT: webPort };
  for (const [variable, port] of Object.entries(ports)) {
    if (!(await isFree(port))) throw new PortTaken(port, variable);
  }
  const { MailDev } = await import('maildev');
  const mailbox = new MailDev({
    smtp: smtpPort,
    web: webPort,
    mailDirectory: folder,
    ip: '127.0.0.1',
    webIp: '127.0.0.1',
    silent: true,
  });
  await mailbox.start();
  return mailbox;
}
