import { Logger } from '@nestjs/common';
import type { AlertNotice, AlertRoute } from './alert-route.js';

/** Always there. */
export class LogRoute implements AlertRoute {
  readonly name = 'log';
  private readonly logger = new Logger('alerts');

  async tell({ name, change, severity, title, detail }: AlertNotice): Promise<void> {
    const fields = { event: `alert ${change}`, alert: name, severity, title, detail };
    if (change === 'resolved') this.logger.log(fields);
    else if (severity === 'warning') this.logger.warn(fields);
    else this.logger.error(fields);
  }
}
