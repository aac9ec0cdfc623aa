import { type DynamicModule, Global, Module } from '@nestjs/common';
import type { Environment, SettingsClass } from './settings.js';

/** Makes the settings of every module injectable by their class. */
@Global()
@Module({})
export class SettingsModule {
  static forRoot(classes: readonly SettingsClass[], environment: Environment): DynamicModule {
    const providers = classes.map((Settings) => ({ provide: Settings, useValue: new Settings(environment) }));
    return { module: SettingsModule, providers, exports: [...classes] };
  }
}
