import type { INestApplicationContext } from '@nestjs/common';
import { SecretRotation } from '../../integrations/connectors/secret-rotation.service.js';
import type { Output } from '../output.js';
import { EXIT } from '../task.js';

/** Encrypts all stored secrets with the first key. */
export async function rotateSecrets(
  app: INestApplicationContext,
  _args: object,
  output: Output,
): Promise<number> {
  const rotated = await app.get(SecretRotation).rotate();
  output.line(`${rotated} secrets were encrypted with the first key`);
  output.document({ rotated });
  return EXIT.done;
}
