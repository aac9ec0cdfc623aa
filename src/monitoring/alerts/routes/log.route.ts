import { Logger } from '@nestjs/common';
import type { AlertNotice, AlertRoute } from './alert-route.js';

/** Writes notices to the log. This route is always active. */
export class LogRoute implements AlertRoute {
  readonly name = 'log';
  private readonly logger = new Logger('alerts');

  async send({ name, change, severity, title, detail, installation }: AlertNotice): Promise<void> {
    const fields = { event: `alert ${change}`, alert: name, severity, title, detail, ...installation };
    if (change === 'resolved') this.logger.log(fields);
    else if (severity === 'warning') this.logger.warn(fields);
    else this.logger.error(fields);
  }
}
