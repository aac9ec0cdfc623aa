/** Names of keys. */
export const KEY_NAME = /^[\p{L}\p{N}][\p{L}\p{N} ._@-]{0,99}$/u;
export const KEY_NAME_RULE = 'name must be letters, digits, spaces or ._@-, at most 100';
/** For how long a rotated key works at most. */
export const WEEK_SECONDS = 604_800;
