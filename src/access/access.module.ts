import { Global, Module } from '@nestjs/common';
import { RefusalRecord } from '../platform/access/refusal-record.service.js';
import { Admission } from '../platform/access/admission.service.js';
import { KeyRing } from '../platform/access/key-ring.js';
import { ApiKeyRing } from './api-key-ring.service.js';
import { ApiKeysController } from './api-keys.controller.js';
import { ApiKeys } from './api-keys.service.js';

/** API keys, and the check of the key that a request carries. */
@Global()
@Module({
  controllers: [ApiKeysController],
  providers: [ApiKeyRing, { provide: KeyRing, useExisting: ApiKeyRing }, Admission, RefusalRecord, ApiKeys],
  exports: [Admission, RefusalRecord],
})
export class AccessModule {}
