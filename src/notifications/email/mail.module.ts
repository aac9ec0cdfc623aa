import { Module } from '@nestjs/common';
import { MailerModule } from '@nestjs-modules/mailer';
import { AppConfig } from '../../platform/config/app-config.js';
import { followDialogue } from './smtp-dialogue.js';
import { sendInOnePiece } from './one-piece.js';
import { smtpServerOf } from './smtp-server.js';
import { SmtpOffers } from './smtp-offers.js';

@Module({ providers: [SmtpOffers], exports: [SmtpOffers] })
export class SmtpOffersModule {}

/** What a signature covers. nodemailer's own list lacks `List-Unsubscribe-Post`, without which RFC 8058 does not count. */
const SIGNED_HEADERS = [
  'From:Sender:Reply-To:Subject:Date:Message-ID:To:Cc:MIME-Version:Content-Type:Content-Transfer-Encoding',
  'Auto-Submitted:List-Unsubscribe:List-Unsubscribe-Post',
].join(':');

/** The pooled SMTP connection. Every wait has an end, so that no server can hold a slot for ever. */
export const MailModule = MailerModule.forRootAsync({
  imports: [SmtpOffersModule],
  inject: [AppConfig, SmtpOffers],
  useFactory: ({ mail }: AppConfig, offers: SmtpOffers) => ({
    transport: {
      pool: true,
      maxConnections: mail.maxConnections,
      ...smtpServerOf(mail),
      ...(mail.dkim ? { dkim: { ...mail.dkim, headerFieldNames: SIGNED_HEADERS } } : {}),
      connectionTimeout: 10_000,
      greetingTimeout: 10_000,
      socketTimeout: 30_000,
      logger: offers,
      transactionLog: true,
    },
    plugins: [
      { step: 'stream', plugin: sendInOnePiece },
      { step: 'stream', plugin: followDialogue },
    ],
  }),
});
