import { Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { AdminController } from '../platform/access/admin-controller.decorator.js';
import { WatchdogFindingDto } from './watchdog-finding.dto.js';
import { WatchdogFindings } from './watchdog-findings.service.js';

@AdminController('watchdog-findings')
export class WatchdogFindingsController {
  constructor(private readonly findings: WatchdogFindings) {}

  @Get()
  @ApiOperation({ summary: 'The findings of the watchdog: endpoint, newest event, silence, secrets' })
  @ApiOkResponse({ description: 'One finding per check', type: [WatchdogFindingDto] })
  list(): Promise<WatchdogFindingDto[]> {
    return this.findings.list();
  }
}
