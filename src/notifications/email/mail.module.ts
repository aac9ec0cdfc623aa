import { Module } from '@nestjs/common';
import { MailerModule, MailerService } from '@nestjs-modules/mailer';
import { EmailChannel } from './email.channel.js';
import { MailSender } from './mail-sender.service.js';
import { MailSettings } from './mail.settings.js';
import { MAIL_TRANSPORT, type MailTransport } from './mail-transport.js';
import { followDialogue } from './smtp-dialogue.js';
import { sendInOnePiece } from './one-piece.js';
import { smtpServerOf } from './smtp-server.js';
import { SmtpOffers } from './smtp-offers.js';

@Module({ providers: [SmtpOffers], exports: [SmtpOffers] })
class SmtpOffersModule {}

/** The signed headers. RFC 8058 requires `List-Unsubscribe-Post`, which is not in nodemailer's own list. */
const SIGNED_HEADERS = [
  'From:Sender:Reply-To:Subject:Date:Message-ID:To:Cc:MIME-Version:Content-Type:Content-Transfer-Encoding',
  'Auto-Submitted:List-Unsubscribe:List-Unsubscribe-Post',
].join(':');

/** The pooled SMTP connections. Every wait has a limit, so that no server can occupy a connection for ever. */
const mailer = MailerModule.forRootAsync({
  imports: [SmtpOffersModule],
  inject: [MailSettings, SmtpOffers],
  useFactory: (settings: MailSettings, offers: SmtpOffers) => ({
    transport: {
      pool: true,
      maxConnections: settings.maxConnections,
      ...smtpServerOf(settings),
      ...(settings.dkim ? { dkim: { ...settings.dkim, headerFieldNames: SIGNED_HEADERS } } : {}),
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

/** Sends mail: to customers through the channel, to operators through the sender. */
@Module({
  imports: [mailer, SmtpOffersModule],
  providers: [
    EmailChannel,
    MailSender,
    {
      provide: MAIL_TRANSPORT,
      inject: [MailerService],
      useFactory: (service: MailerService) => service.getTransporter() as MailTransport,
    },
  ],
  exports: [MailSender],
})
export class MailModule {}
