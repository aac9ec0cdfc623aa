import { Injectable } from '@nestjs/common';
import { MonitoringSettings } from '../../monitoring.settings.js';
import { DiskReadings } from '../../storage/disk-readings.service.js';
import { describeStorage, toSize } from '../../storage/storage.js';
import { StorageReader } from '../../storage/storage-reader.service.js';
import type { Measurement } from '../declarations/measurement.js';

/**
 * Measures the fullest disk; if it is too full, the measurement also lists the largest tables of the
 * database.
 */
@Injectable()
export class DiskMeasure {
  constructor(
    private readonly settings: MonitoringSettings,
    private readonly disks: DiskReadings,
    private readonly storage: StorageReader,
  ) {}

  async read(): Promise<Measurement> {
    await this.disks.record();
    const disk = await this.disks.findFullest();
    if (!disk) return { value: 0, detail: 'No disk can be read' };
    const { host, mount, totalBytes, freeBytes } = disk;
    const value = 1 - freeBytes / totalBytes;
    const percent = Math.round(value * 100);
    const detail = `${percent} % of the disk ${mount} of host ${host} are in use, ${toSize(freeBytes)} are free`;
    if (value < this.settings.thresholds.disk_full.resolve) return { value, detail };
    return { value, detail: `${detail}. ${describeStorage(await this.storage.read())}` };
  }
}
