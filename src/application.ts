import helmet from '@fastify/helmet';
import { ValidationPipe } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { AppModule } from './app.module.js';
import { KEY_SCHEMES } from './platform/access/guarded-controller.js';
import { guardPaths, noteRequests } from './platform/access/request-hooks.js';
import { AppConfig } from './platform/config/app-config.js';
import { Drain } from './platform/http/drain.js';
import { refuseUnsigned } from './webhooks/intake/refuse-unsigned.js';
import { createFastifyAdapter } from './platform/http/fastify-adapter.js';
import { refuseWhenStuck } from './platform/http/refuse-when-stuck.js';
import { withTransportAnswers } from './platform/http/transport-answers.js';
import { RequestErrorFilter } from './platform/pages/page-error.filter.js';
import { PageRenderer } from './platform/pages/page-renderer.service.js';
import { traceRequests } from './platform/tracing/trace-requests.js';
import { AppLogger, createPino } from './platform/logging/app-logger.js';

/** The application with everything but its port and its job worker: both are started by the caller. */
export async function createApplication(config: AppConfig): Promise<NestFastifyApplication> {
  const app = await NestFactory.create<NestFastifyApplication>(
    AppModule.forRoot(config),
    createFastifyAdapter(config.http.trustedProxies),
    {
      logger: new AppLogger(createPino(config.logLevel)),
      bodyParser: false,
      abortOnError: false,
    },
  );
  configure(app);
  return app;
}

/** What tests need as well: everything between the socket and the controllers. */
export function configure(app: NestFastifyApplication): void {
  app.useGlobalPipes(new ValidationPipe({ whitelist: true, forbidNonWhitelisted: true, transform: true }));
  app.useGlobalFilters(new RequestErrorFilter(app.get(PageRenderer, { strict: false })));
  const drain = app.get(Drain);
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onSend', (_request, reply, _payload, done) => {
      if (drain.hasBegun) void reply.header('connection', 'close');
      done();
    });
  if (app.get(AppConfig).tracesUrl) traceRequests(app);
  refuseUnsigned(app);
  refuseWhenStuck(app);
  noteRequests(app);
  guardPaths(app);
  void app.register(helmet, { contentSecurityPolicy: false });
  SwaggerModule.setup('docs', app, () => describeApi(app), { jsonDocumentUrl: 'docs-json' });
}

/** The OpenAPI document; complete only in the built application, where the compiler adds the comments. */
export function describeApi(app: NestFastifyApplication): OpenAPIObject {
  const document = new DocumentBuilder()
    .setTitle('MINGUS customer onboarding')
    .setDescription('Turns a signed Stripe customer.created event into a fully set-up customer.')
    .setVersion('1')
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'A key with the role x-required-role' })
    .addBearerAuth(
      { type: 'http', scheme: 'bearer', description: 'A key of MINGUS (role service)' },
      KEY_SCHEMES.service,
    )
    .build();
  return withTransportAnswers(SwaggerModule.createDocument(app, document));
}
