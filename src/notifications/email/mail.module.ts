import { Module } from '@nestjs/common';
import { MailerModule } from '@nestjs-modules/mailer';
import { AppConfig } from '../../platform/config/app-config.js';
import { followDialogue } from './smtp-dialogue.js';
import { SmtpOffers } from './smtp-offers.js';

@Module({ providers: [SmtpOffers], exports: [SmtpOffers] })
export class SmtpOffersModule {}

/** The pooled SMTP connection. Every wait has an end, so that no server can hold a slot for ever. */
export const MailModule = MailerModule.forRootAsync({
  imports: [SmtpOffersModule],
  inject: [AppConfig, SmtpOffers],
  useFactory: ({ mail }: AppConfig, offers: SmtpOffers) => ({
    transport: {
      pool: true,
      maxConnections: mail.maxConnections,
      host: mail.host,
      port: mail.port,
      secure: mail.tls === 'implicit',
      requireTLS: mail.tls === 'required',
      ...(mail.username ? { auth: { user: mail.username, pass: mail.password } } : {}),
      ...(mail.dkim ? { dkim: mail.dkim } : {}),
      connectionTimeout: 10_000,
      greetingTimeout: 10_000,
      socketTimeout: 30_000,
      logger: offers,
      transactionLog: true,
    },
    plugins: [{ step: 'stream', plugin: followDialogue }],
  }),
});
