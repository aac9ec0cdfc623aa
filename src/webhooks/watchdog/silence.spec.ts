import { describe, expect, it } from 'vitest';
import { silenceOf } from './silence.js';

const NOW = new Date('2027-01-15T12:00:00.000Z');
const WEEK = 7 * 24;

const hoursAgo = (hours: number) => new Date(NOW.getTime() - hours * 3_600_000);

/** A week up to the last event, oldest hour first. `isBusy` gets the age of an hour. */
const aWeek = (isBusy: (age: number) => boolean) =>
  Array.from({ length: WEEK }, (_, index) => isBusy(WEEK - index - 1));

const ALWAYS = aWeek(() => true);
/** Days with 16 busy hours and 8 quiet ones. */
const DAILY = aWeek((age) => age % 24 < 16);
const LITTLE = aWeek((age) => age % 12 === 0);

describe('silence', () => {
  it.each([
    ['nothing has ever arrived', null, [], 'ok'],
    ['there is little traffic', hoursAgo(500), LITTLE, 'ok'],
    ['events come all the time, the last one now', hoursAgo(0), ALWAYS, 'ok'],
    ['events come all the time, the last one 1.9 hours ago', hoursAgo(1.9), ALWAYS, 'ok'],
    ['events come all the time, the last one 2.1 hours ago', hoursAgo(2.1), ALWAYS, 'warning'],
    ['events came all the time, the last one a month ago', hoursAgo(720), ALWAYS, 'warning'],
    ['it is as long as a night is usually', hoursAgo(8), DAILY, 'ok'],
    ['it is longer than a night, and some more', hoursAgo(14.1), DAILY, 'warning'],
  ])('is judged by what is usual: %s', (_, last, hours, state) => {
    expect(silenceOf(last, hours, NOW).state).toBe(state);
  });

  it('is reported in hours, with the usual time', () => {
    expect(silenceOf(hoursAgo(14.14), DAILY, NOW).detail).toBe('Last event 14.1 h ago; up to 8 h are usual');
  });
});
