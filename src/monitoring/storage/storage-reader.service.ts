import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { tablesOf } from './keep-house.job.js';
import { type Storage, STORAGE } from './storage.js';

/** Reads the sizes of the database and its tables, and their growth. */
@Injectable()
export class StorageReader {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  async read(): Promise<Storage> {
    const [storage] = await this.dataSource.query<[Storage]>(STORAGE, [tablesOf(this.dataSource)]);
    return storage;
  }
}
