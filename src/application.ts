import helmet from '@fastify/helmet';
import { ValidationPipe } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { SwaggerModule } from '@nestjs/swagger';
import { AppModule } from './app.module.js';
import { describeApi } from './describe-api.js';
import { guardPaths, noteRequests } from './platform/access/request-hooks.js';
import type { Environment } from './platform/settings/settings.js';
import { HttpSettings } from './platform/http/http.settings.js';
import { LogSettings } from './platform/logging/log.settings.js';
import { TracingSettings } from './platform/tracing/tracing.settings.js';
import { Drain } from './platform/http/drain.js';
import { openDeliveryLane } from './webhooks/intake/delivery-lane.js';
import { createFastifyAdapter } from './platform/http/fastify-adapter.js';
import { refuseWhenStuck } from './platform/http/refuse-when-stuck.js';
import { RequestErrorFilter } from './platform/pages/page-error.filter.js';
import { PageRenderer } from './platform/pages/page-renderer.service.js';
import { traceRequests } from './platform/tracing/trace-requests.js';
import { AppLogger, createPino } from './platform/logging/app-logger.js';

/** The application without its port and job worker, which the caller starts. */
export async function createApplication(environment: Environment): Promise<NestFastifyApplication> {
  const app = await NestFactory.create<NestFastifyApplication>(
    AppModule.forRoot(environment),
    createFastifyAdapter(new HttpSettings(environment).trustedProxies),
    {
      logger: new AppLogger(createPino(new LogSettings(environment).level)),
      bodyParser: false,
      abortOnError: false,
    },
  );
  configure(app);
  return app;
}

/** Configures everything between the socket and the controllers. Tests use it as well. */
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
  if (app.get(TracingSettings).collectorUrl) traceRequests(app);
  openDeliveryLane(app);
  refuseWhenStuck(app);
  noteRequests(app);
  guardPaths(app);
  void app.register(helmet, { contentSecurityPolicy: false });
  SwaggerModule.setup('docs', app, () => describeApi(app), { jsonDocumentUrl: 'docs-json' });
}
