import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import Stripe from 'stripe';
import { describe, expect, it } from 'vitest';
import { type SignatureFailure, verifyStripeSignature } from './stripe-signature.js';

const SECRET = 'whsec_first';
const SECOND_SECRET = 'whsec_second';
const NOW_SECONDS = 1_800_000_000;
const NOW = new Date(NOW_SECONDS * 1000);
const BODY = Buffer.from('{ "id": "evt_1",\n  "type": "customer.created" }');

/** The hexadecimal signature that Stripe puts after `v1=`. */
function sign(t: number | string = NOW_SECONDS, body: Buffer = BODY, secret = SECRET): string {
  return createHmac('sha256', secret).update(`${t}.`).update(body).digest('hex');
}

function verify(header: unknown, { body = BODY, secrets = [SECRET], now = NOW } = {}) {
  return verifyStripeSignature(header, body, secrets, now);
}

/** Any text, without the four seconds that `fc.string({ unit: 'binary' })` takes to build. */
const anyText = fc.uint16Array().map((codes) => String.fromCharCode(...codes).toWellFormed());

const GOOD = sign();
const FAILURES: [string, unknown, SignatureFailure][] = [
  ['no header', undefined, 'missing'],
  ['an empty header', '', 'missing'],
  ['a header sent twice', [`t=${NOW_SECONDS},v1=${GOOD}`], 'missing'],
  ['a number', 42, 'missing'],
  ['garbage', 'garbage', 'malformed'],
  ['only commas', ',,,', 'malformed'],
  ['no timestamp', `v1=${GOOD}`, 'malformed'],
  ['no signature', `t=${NOW_SECONDS}`, 'malformed'],
  ['an empty v1', `t=${NOW_SECONDS},v1=`, 'malformed'],
  ['only v0', `t=${NOW_SECONDS},v0=${GOOD}`, 'malformed'],
  ['a v1 one digit short', `t=${NOW_SECONDS},v1=${GOOD.slice(1)}`, 'malformed'],
  ['a v1 one digit long', `t=${NOW_SECONDS},v1=${GOOD}0`, 'malformed'],
  ['a v1 that is not hexadecimal', `t=${NOW_SECONDS},v1=${'z'.repeat(64)}`, 'malformed'],
  ['the right t twice', `t=${NOW_SECONDS},t=${NOW_SECONDS},v1=${GOOD}`, 'malformed'],
  ['a stale t before the right one', `t=1,t=${NOW_SECONDS},v1=${GOOD}`, 'malformed'],
  ['t=abc', `t=abc,v1=${sign('abc')}`, 'malformed'],
  ['t=1e9', `t=1e9,v1=${sign('1e9')}`, 'malformed'],
  ['an empty t', `t=,v1=${sign('')}`, 'malformed'],
  ['a negative t', `t=-5,v1=${sign('-5')}`, 'malformed'],
  ['a fractional t', `t=${NOW_SECONDS}.5,v1=${sign(`${NOW_SECONDS}.5`)}`, 'malformed'],
  ['a t of 13 digits', `t=${NOW_SECONDS}000,v1=${sign(`${NOW_SECONDS}000`)}`, 'malformed'],
  ['17 signatures', `t=${NOW_SECONDS}${`,v1=${GOOD}`.repeat(17)}`, 'malformed'],
  ['20,000 signatures', `t=${NOW_SECONDS}${`,v1=${GOOD}`.repeat(20_000)}`, 'malformed'],
  ['more than 4 KB', `t=${NOW_SECONDS},v1=${GOOD},x=${'x'.repeat(4096)}`, 'malformed'],
  ['the signature of another secret', `t=${NOW_SECONDS},v1=${sign(NOW_SECONDS, BODY, 'other')}`, 'mismatch'],
  ['the signature of another time', `t=${NOW_SECONDS},v1=${sign(NOW_SECONDS - 1)}`, 'mismatch'],
  ['a zero signature', `t=${NOW_SECONDS},v1=${'0'.repeat(64)}`, 'mismatch'],
  ['301 s old', `t=${NOW_SECONDS - 301},v1=${sign(NOW_SECONDS - 301)}`, 'too_old'],
  ['from 1970', `t=0,v1=${sign(0)}`, 'too_old'],
  ['301 s ahead', `t=${NOW_SECONDS + 301},v1=${sign(NOW_SECONDS + 301)}`, 'in_the_future'],
  [
    'ten years ahead',
    `t=${NOW_SECONDS + 315_360_000},v1=${sign(NOW_SECONDS + 315_360_000)}`,
    'in_the_future',
  ],
];

describe('a Stripe signature is refused', () => {
  it.each(FAILURES)('for %s', (_, header, cause) => {
    expect(verify(header)).toEqual({ valid: false, cause });
  });

  it('whichever bit of the body was changed', () => {
    fc.assert(
      fc.property(fc.nat(BODY.length * 8 - 1), (bit) => {
        const body = Buffer.from(BODY);
        body.writeUInt8(body.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
        expect(verify(`t=${NOW_SECONDS},v1=${GOOD}`, { body })).toEqual({ valid: false, cause: 'mismatch' });
      }),
    );
  });

  it.each([
    ['re-serialised', Buffer.from(JSON.stringify(JSON.parse(BODY.toString())))],
    ['longer by a line end', Buffer.concat([BODY, Buffer.from('\n')])],
    ['shorter by a byte', BODY.subarray(0, -1)],
    ['empty', Buffer.alloc(0)],
  ])('when the body is %s', (_, body) => {
    expect(verify(`t=${NOW_SECONDS},v1=${GOOD}`, { body })).toEqual({ valid: false, cause: 'mismatch' });
  });

  it('when no secret is left to try', () => {
    expect(verify(`t=${NOW_SECONDS},v1=${GOOD}`, { secrets: [] })).toEqual({
      valid: false,
      cause: 'mismatch',
    });
  });

  it('without an exception for any header', () => {
    const headers = fc.oneof(
      fc.anything(),
      anyText,
      fc
        .array(fc.tuple(fc.constantFrom('t', 'v1', 'v0', ''), fc.constantFrom('=', ''), fc.string()))
        .map((entries) => entries.map((entry) => entry.join('')).join(',')),
    );
    fc.assert(
      fc.property(headers, (header) => {
        expect(verify(header)).toMatchObject({ valid: false });
      }),
    );
  });
});

describe('a Stripe signature is accepted', () => {
  it.each([
    ['300 s old', -300],
    ['of this second', 0],
    ['300 s ahead', 300],
  ])('when it is %s', (_, offset) => {
    const t = NOW_SECONDS + offset;
    expect(verify(`t=${t},v1=${sign(t)}`)).toEqual({ valid: true, secretIndex: 0 });
  });

  it.each([
    ['unknown entries', `junk,,=,x=y,t=${NOW_SECONDS},v1=${GOOD},`],
    ['a v0 beside it', `t=${NOW_SECONDS},v0=${'0'.repeat(64)},v1=${GOOD}`],
    ['an empty v1 beside it', `t=${NOW_SECONDS},v1=,v1=${GOOD}`],
    ['the signature of a rolled secret before it', `t=${NOW_SECONDS},v1=${'0'.repeat(64)},v1=${GOOD}`],
    ['the timestamp behind it', `v1=${GOOD},t=${NOW_SECONDS}`],
    ['spaces after the commas', `t=${NOW_SECONDS}, v1=${GOOD}`],
    ['15 others', `t=${NOW_SECONDS}${`,v1=${'0'.repeat(64)}`.repeat(15)},v1=${GOOD}`],
  ])('with %s', (_, header) => {
    expect(verify(header)).toEqual({ valid: true, secretIndex: 0 });
  });

  it.each([
    [SECRET, 0],
    [SECOND_SECRET, 1],
  ])('for any configured secret, with its position: %s', (secret, secretIndex) => {
    const header = `t=${NOW_SECONDS},v1=${sign(NOW_SECONDS, BODY, secret)}`;
    expect(verify(header, { secrets: [SECRET, SECOND_SECRET] })).toEqual({ valid: true, secretIndex });
  });

  it('over any bytes, also such that are not UTF-8', () => {
    const body = Buffer.from([0xff, 0x00, 0xfe, 0x80]);
    expect(verify(`t=${NOW_SECONDS},v1=${sign(NOW_SECONDS, body)}`, { body })).toMatchObject({ valid: true });
  });

  it("when it is the Stripe SDK's own, for any body and secret", () => {
    fc.assert(
      fc.property(anyText, fc.string({ minLength: 1 }), (payload, secret) => {
        const header = Stripe.webhooks.generateTestHeaderString({ payload, secret, timestamp: NOW_SECONDS });
        expect(verify(header, { body: Buffer.from(payload), secrets: [secret] })).toMatchObject({
          valid: true,
        });
      }),
    );
  });
});
