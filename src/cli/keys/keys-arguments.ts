import { parseArgs } from 'node:util';
import { plainToInstance } from 'class-transformer';
import { isUUID, validateSync } from 'class-validator';
import { CreateApiKeyDto, RotateApiKeyDto } from '../../access/api-key.dto.js';
import { InvalidArguments } from '../command.js';

/** What is to be done with which key. */
export type KeysArguments =
  | { act: 'create'; request: CreateApiKeyDto }
  | { act: 'list' }
  | { act: 'rotate'; id: string; graceSeconds: number }
  | { act: 'revoke'; id: string };

export const KEYS_USAGE = `Usage: keys create --name <name> --role <role> [--expires <time>]
       keys list
       keys rotate <id> [--grace <seconds>]
       keys revoke <id>

Makes, lists, replaces and ends keys of the API. A new key is shown once, on standard output.

  --name     whose it is
  --role     viewer reads, operator acts, admin manages keys and erasure, service is the MINGUS application
  --expires  when it ends, as 2027-01-01T00:00:00Z (default: never)
  --grace    how long the old key still opens (default: 3600, at most a week)

Exit code 0: done. 1: failed. 2: bad arguments.`;

/** @throws InvalidArguments */
export function parseKeysArguments(args: readonly string[]): KeysArguments {
  const { positionals, values } = readArguments(args);
  const [act, id, ...more] = positionals;
  if (more.length > 0) throw new InvalidArguments('unknown_argument', `Unexpected argument: ${more[0]}`);
  switch (act) {
    case 'create': {
      const { name, role, expires } = values;
      const given = { name, role, ...(expires === undefined ? {} : { expiresAt: expires }) };
      return { act, request: validated(CreateApiKeyDto, given) };
    }
    case 'list':
      return { act };
    case 'rotate': {
      const { graceSeconds } = validated(
        RotateApiKeyDto,
        values.grace ? { graceSeconds: Number(values.grace) } : {},
      );
      return { act, id: toId(id), graceSeconds };
    }
    case 'revoke':
      return { act, id: toId(id) };
    default:
      throw new InvalidArguments('unknown_act', 'keys can create, list, rotate and revoke');
  }
}

function toId(id?: string): string {
  if (!isUUID(id)) throw new InvalidArguments('invalid_id', 'Name the key by its id (see: keys list)');
  return id as string;
}

function validated<T extends object>(type: new () => T, given: object): T {
  const instance = plainToInstance(type, given, { exposeDefaultValues: true });
  const [problem] = validateSync(instance).flatMap(({ constraints }) => Object.values(constraints ?? {}));
  if (problem) throw new InvalidArguments('invalid_argument', problem);
  return instance;
}

function readArguments(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        name: { type: 'string' },
        role: { type: 'string' },
        expires: { type: 'string' },
        grace: { type: 'string' },
      },
    });
  } catch (error) {
    throw new InvalidArguments('unknown_argument', (error as Error).message.split('. ')[0] ?? '');
  }
}
