import { Module } from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import { NotificationsModule } from '../notifications/notifications.module.js';
import { CustomerPreferences } from './customer-preferences.entity.js';
import { CustomerViewService } from './customer-view.service.js';
import { Customer } from './customer.entity.js';
import { CustomersController } from './customers.controller.js';
import { CustomersListener } from './customers.listener.js';
import { CustomerLinksController } from './linking/customer-links.controller.js';
import { CustomerLinksService } from './linking/customer-links.service.js';
import { ErasureListener } from './privacy/erasure.listener.js';
import { Erasure } from './privacy/erasure.service.js';
import { PersonalData } from './privacy/personal-data.service.js';
import { PrivacyController } from './privacy/privacy.controller.js';
import { UserErasureController } from './privacy/user-erasure.controller.js';
import { StoredUserIdInterceptor } from './users/stored-user-id.interceptor.js';
import { User } from './users/user.entity.js';
import { UsersController } from './users/users.controller.js';
import { UsersService } from './users/users.service.js';
import { UsersSource } from './users/users-source.service.js';

/** MINGUS users, their Stripe customers and preferences, and the full view of a customer. */
@Module({
  imports: [NotificationsModule, TypeOrmModule.forFeature([User, Customer, CustomerPreferences])],
  controllers: [
    UsersController,
    CustomersController,
    CustomerLinksController,
    PrivacyController,
    UserErasureController,
  ],
  providers: [
    CustomersListener,
    ErasureListener,
    Erasure,
    PersonalData,
    CustomerViewService,
    CustomerLinksService,
    UsersService,
    UsersSource,
    { provide: APP_INTERCEPTOR, useClass: StoredUserIdInterceptor },
  ],
  exports: [UsersSource],
})
export class CustomersModule {}
