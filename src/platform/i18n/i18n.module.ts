import { Global, Module } from '@nestjs/common';
import { Translator } from './translator.service.js';

/** Makes the {@link Translator} injectable everywhere. */
@Global()
@Module({ providers: [Translator], exports: [Translator] })
export class I18nModule {}
