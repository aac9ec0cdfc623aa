import 'reflect-metadata';
import { Type } from 'class-transformer';
import { IsIn, IsInt, IsOptional, Max, Min } from 'class-validator';
import { AlertEnvironment } from './alert-environment.js';
import {
  IsNetworkList,
  IsSecretKey,
  IsSecretKeyList,
  RequiredInProduction,
} from './environment-validators.js';

/** The part of the environment that says who comes in. */
export class AccessEnvironment extends AlertEnvironment {
  @RequiredInProduction()
  @IsSecretKey()
  ADMIN_API_KEY?: string;

  @IsOptional()
  @IsSecretKey()
  SERVICE_API_KEY?: string;

  @RequiredInProduction()
  @IsSecretKeyList()
  LINK_SIGNING_KEYS?: string;

  @IsOptional()
  @IsNetworkList()
  TRUSTED_PROXIES?: string;

  @Type(() => Number)
  @IsInt()
  @Min(0)
  @Max(1_000_000)
  API_MAX_PER_KEY_MINUTE: number = 6000;

  @Type(() => Number)
  @IsInt()
  @Min(0)
  @Max(1_000_000)
  API_MAX_PER_ADDRESS_MINUTE: number = 12_000;

  @IsIn(['public', 'viewer'])
  DOCS_ACCESS: string = 'public';

  @IsIn(['public', 'viewer'])
  METRICS_ACCESS: string = 'public';
}

/** Requests a minute with one key and from one address (0: no limit), and the paths that need a viewer's key. */
export interface AccessSettings {
  readonly requestsPerKey: number;
  readonly requestsPerAddress: number;
  readonly guardedPaths: readonly string[];
}

export function toAccess(env: AccessEnvironment): AccessSettings {
  return {
    requestsPerKey: env.API_MAX_PER_KEY_MINUTE,
    requestsPerAddress: env.API_MAX_PER_ADDRESS_MINUTE,
    guardedPaths: [
      ...(env.DOCS_ACCESS === 'viewer' ? ['/docs'] : []),
      ...(env.METRICS_ACCESS === 'viewer' ? ['/metrics'] : []),
    ],
  };
}
