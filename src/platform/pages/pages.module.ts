import { Module } from '@nestjs/common';
import { IconController } from './icon.controller.js';
import { PageRenderer } from './page-renderer.service.js';

/** Pages for people. */
@Module({ controllers: [IconController], providers: [PageRenderer], exports: [PageRenderer] })
export class PagesModule {}
