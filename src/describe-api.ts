import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { KEY_SCHEMES } from './platform/access/guarded-controller.js';
import { BrandSettings } from './platform/brand/brand.settings.js';
import { RequestLimitSettings } from './platform/access/request-limit.settings.js';
import { API_TAGS } from './platform/http/api-document/api-tags.js';
import { withOptionalInputs } from './platform/http/api-document/optional-inputs.js';
import { withStableEnums } from './platform/http/api-document/stable-enums.js';
import { withStatedAccess } from './platform/http/api-document/stated-access.js';
import { withTransportAnswers } from './platform/http/api-document/transport-answers.js';

/** The OpenAPI document; complete only in the built application, because the compiler adds the comments. */
export function describeApi(app: NestFastifyApplication): OpenAPIObject {
  const brand = app.get(BrandSettings);
  const builder = new DocumentBuilder()
    .setTitle('MINGUS customer onboarding')
    .setDescription(DESCRIPTION)
    .setVersion('1')
    .addServer('/', 'The installation that serves this document')
    .addBearerAuth(
      { type: 'http', scheme: 'bearer', bearerFormat: 'mok_…', description: 'A key of an operator' },
      KEY_SCHEMES.operators,
    )
    .addBearerAuth(
      {
        type: 'http',
        scheme: 'bearer',
        bearerFormat: 'mok_…',
        description: 'A key of MINGUS (role service)',
      },
      KEY_SCHEMES.service,
    )
    .addBasicAuth(
      { type: 'http', scheme: 'basic', description: 'A write key (role collector) as the user name' },
      KEY_SCHEMES.collector,
    );
  for (const [name, description] of API_TAGS) builder.addTag(name, description);
  const head = builder.build();
  head.info.contact = { name: brand.name, email: brand.supportEmail };
  const document = SwaggerModule.createDocument(app, head);
  withOptionalInputs(withTransportAnswers(document));
  return withStableEnums(withStatedAccess(document, app.get(RequestLimitSettings).guardedPaths));
}

const DESCRIPTION = `Turns a signed Stripe customer.created event into a fully set-up customer.

Keys have a role, and each route says which one it needs: \`viewer\` reads; \`operator\` acts as well; \`admin\` also
manages keys and erases people; \`service\` is MINGUS's application, and may call only the routes of that tag;
\`collector\` only sends events.
Every error is a problem details object (RFC 9457) with a stable \`code\`.`;
