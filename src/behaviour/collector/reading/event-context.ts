import { isObject, type JsonObject } from './storable-json.js';

/** The kept fields of `context`. The address, the user agent and all else that could identify a device are left out. */
const WHOLE = ['campaign', 'referrer', 'locale', 'timezone', 'library', 'app'] as const;
const OF_PAGE = ['url', 'path', 'referrer', 'title'] as const;

/** The part of `context` that is stored. */
export function keptContext(context: JsonObject): JsonObject {
  const kept = fieldsOf(context, WHOLE);
  const page = isObject(context.page) ? fieldsOf(context.page, OF_PAGE) : {};
  if (Object.keys(page).length > 0) kept.page = page;
  if (isObject(context.device) && context.device.type !== undefined)
    kept.device = { type: context.device.type };
  return kept;
}

function fieldsOf(object: JsonObject, names: readonly string[]): JsonObject {
  const fields: JsonObject = {};
  for (const name of names) if (object[name] !== undefined) fields[name] = object[name];
  return fields;
}
