import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { PagesModule } from '../platform/pages/pages.module.js';
import { RateLimitsModule } from '../platform/rate-limits/rate-limits.module.js';
import { StripeModule } from '../platform/stripe/stripe.module.js';
import { PortalAccessController } from './access/portal-access.controller.js';
import { PortalAccessService } from './access/portal-access.service.js';
import { PortalVisits } from './access/portal-visits.service.js';
import { LinkRedemption } from './links/link-redemption.service.js';
import { LinkRequests } from './links/link-requests.service.js';
import { PortalLinks } from './links/portal-links.service.js';
import { SendPortalLinkJob } from './links/send-portal-link.job.js';
import { FrontPageController } from './pages/front-page.controller.js';
import { PortalPagesController } from './pages/portal-pages.controller.js';
import { PortalPages } from './pages/portal-pages.service.js';
import { PortalAccess } from './portal-access.entity.js';
import { PortalListener } from './portal.listener.js';
import { PortalConfiguration } from './sessions/portal-configuration.entity.js';
import { PortalConfigurations } from './sessions/portal-configurations.service.js';
import { PortalSessions } from './sessions/portal-sessions.service.js';
import { UserSessionsController } from './sessions/user-sessions.controller.js';
import { UserSessions } from './sessions/user-sessions.service.js';

/** Access to the Stripe billing portal: permissions, links, sessions and pages. */
@Module({
  imports: [
    PagesModule,
    RateLimitsModule,
    StripeModule,
    TypeOrmModule.forFeature([PortalAccess, PortalConfiguration]),
  ],
  controllers: [FrontPageController, PortalPagesController, PortalAccessController, UserSessionsController],
  providers: [
    PortalListener,
    PortalAccessService,
    PortalVisits,
    PortalLinks,
    LinkRedemption,
    LinkRequests,
    SendPortalLinkJob,
    PortalPages,
    PortalSessions,
    PortalConfigurations,
    UserSessions,
  ],
  exports: [TypeOrmModule],
})
export class PortalModule {}
