import Fastify from 'fastify';

const BODY_LIMIT_BYTES = 512 * 1024;

/**
 * A plain Fastify server around one webhook handler, on `PORT`, shared by the service's peers. If the handler
 * throws, the answer is 500.
 */
export async function serveWebhooks(
  handle: (body: Buffer, signature: string) => Promise<unknown> | unknown,
): Promise<void> {
  const fastify = Fastify({ bodyLimit: BODY_LIMIT_BYTES });
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  fastify.post('/webhooks/stripe', (request) =>
    handle(request.body as Buffer, String(request.headers['stripe-signature'])),
  );
  fastify.get('/health/live', () => ({ status: 'ok' }));
  await fastify.listen({ host: '127.0.0.1', port: Number(process.env.PORT) });
  process.on('disconnect', () => process.exit());
}
