import { Module } from '@nestjs/common';
import { PageRenderer } from './page-renderer.service.js';

/** Pages for people. */
@Module({ providers: [PageRenderer], exports: [PageRenderer] })
export class PagesModule {}
