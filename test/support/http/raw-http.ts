import { connect, type Socket } from 'node:net';

/**
 * Talks to a server over a raw socket, for requests that no HTTP client would send.
 * @param speak writes to the socket; it may continue until the socket is destroyed
 * @returns everything the server sent until it closed the connection
 */
export function converse(url: string, speak: (socket: Socket) => void): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    let said = '';
    const socket = connect(Number(port), hostname, () => speak(socket));
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => {
      said += chunk;
    });
    // A reset after the answer means that the server does not read the rest of the body.
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(said));
  });
}

/** The head of a request to the webhook endpoint. */
export function webhookHead(headers: Record<string, string | number>): string {
  // Without a signature the server would not read the body.
  const all = { Host: 'localhost', 'Stripe-Signature': 't=1,v1=00', ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `POST /webhooks/stripe HTTP/1.1\r\n${lines.join('')}\r\n`;
}

/** The status codes in a server's output, in order. */
export function statusesOf(said: string): number[] {
  return [...said.matchAll(/^HTTP\/1\.1 (\d{3}) /gm)].map(([, status]) => Number(status));
}
