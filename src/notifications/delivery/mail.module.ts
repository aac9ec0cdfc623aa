import { MailerModule } from '@nestjs-modules/mailer';
import { AppConfig } from '../../platform/config/app-config.js';

/** The pooled SMTP connection. Every wait has an end, so that no server can hold a slot for ever. */
export const MailModule = MailerModule.forRootAsync({
  imports: [],
  inject: [AppConfig],
  useFactory: ({ mail }: AppConfig) => ({
    transport: {
      pool: true,
      maxConnections: mail.maxConnections,
      host: mail.host,
      port: mail.port,
      secure: mail.tls === 'implicit',
      requireTLS: mail.tls === 'required',
      ...(mail.username ? { auth: { user: mail.username, pass: mail.password } } : {}),
      connectionTimeout: 10_000,
      greetingTimeout: 10_000,
      socketTimeout: 30_000,
    },
  }),
});
