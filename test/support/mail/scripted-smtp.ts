import { createServer, type Server, type Socket } from 'node:net';
import { findFreePort } from '../free-port.js';

/** A step of the dialogue; `message` is the final dot. */
export type SmtpStep = 'greeting' | 'EHLO' | 'MAIL' | 'RCPT' | 'DATA' | 'message' | 'RSET' | 'QUIT';

/** The server's act at a step: an answer, no answer, closing the connection, or an answer that never ends. */
export type SmtpAct = string | 'hang' | 'hang up' | 'drip';

const ANSWERS: Record<SmtpStep, string> = {
  greeting: '220 scripted ESMTP',
  EHLO: '250-scripted\r\n250 8BITMIME',
  MAIL: '250 ok',
  RCPT: '250 ok',
  DATA: '354 go ahead',
  message: '250 queued',
  RSET: '250 ok',
  QUIT: '221 bye',
};

/** An SMTP server that can give any answer, or none, at any step. */
export class ScriptedSmtp {
  /** Complete messages, as received. */
  readonly messages: string[] = [];
  /** Commands of all sessions, as received. */
  readonly commands: string[] = [];
  private readonly sockets = new Set<Socket>();
  private readonly server: Server;

  private constructor(
    readonly port: number,
    private readonly act: (step: SmtpStep, line: string) => SmtpAct | undefined,
  ) {
    this.server = createServer((socket) => this.serve(socket));
  }

  /** @param act decides about a step; undefined stands for the usual answer */
  static async start(
    act: (step: SmtpStep, line: string) => SmtpAct | undefined = () => undefined,
  ): Promise<ScriptedSmtp> {
    const scripted = new ScriptedSmtp(await findFreePort(), act);
    await new Promise<void>((resolve) => scripted.server.listen(scripted.port, '127.0.0.1', resolve));
    return scripted;
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private serve(socket: Socket): void {
    this.sockets.add(socket.setEncoding('utf8').on('error', () => undefined));
    let input = '';
    let inMessage = false;
    const perform = (step: SmtpStep, line: string) => {
      const act = this.act(step, line) ?? ANSWERS[step];
      if (act === 'hang up') return void socket.destroy();
      if (act === 'drip') return drip(socket);
      if (act !== 'hang') socket.write(`${act}\r\n`);
      if (step === 'DATA' && act.startsWith('354')) inMessage = true;
    };
    socket.on('data', (chunk: string) => {
      input += chunk;
      for (;;) {
        const end = inMessage ? '\r\n.\r\n' : '\r\n';
        const at = input.indexOf(end);
        if (at === -1 || socket.destroyed) return;
        const text = input.slice(0, at);
        input = input.slice(at + end.length);
        if (inMessage) {
          inMessage = false;
          this.messages.push(text);
          perform('message', text);
          continue;
        }
        this.commands.push(text);
        perform(text.slice(0, 4).toUpperCase() as SmtpStep, text);
      }
    });
    perform('greeting', '');
  }
}

function drip(socket: Socket): void {
  const timer = setInterval(() => socket.write('250-X\r\n'), 100);
  socket.on('close', () => clearInterval(timer));
}
