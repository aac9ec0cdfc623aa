import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findingsOf } from '../../src/cli/doctor/doctor.command.js';
import { storeSegments } from '../support/database/stored-segments.js';
import { TestDatabase } from '../support/database/test-database.js';
import { productionEnvironment } from '../support/process/test-environment.js';

const CLOSED_PORT = 1;

describe('the doctor', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await TestDatabase.create();
  });
  afterAll(() => database.drop());

  it('reports segments that cannot be evaluated, and messages that wait for a segment', async () => {
    const about = async () => {
      const audience = {
        MESSAGE_AUDIENCES: 'onboarding_guide=buyers',
        STRIPE_API_URL: `http://127.0.0.1:${CLOSED_PORT}`,
      };
      const findings = await findingsOf(productionEnvironment(database.url, CLOSED_PORT, audience));
      return findings.filter(({ check }) => check === 'segments');
    };
    expect(await about()).toMatchObject([
      { state: 'warning', detail: expect.stringContaining('no segment buyers') },
    ]);
    await storeSegments((text, values) => database.rows(text, values), {
      buyers: { type: 'stage', in: ['active'] },
      lost: { type: 'segment', segment: 'gone' },
    });
    expect(await about()).toMatchObject([
      { state: 'problem', detail: expect.stringContaining('The rule of lost') },
    ]);
    await database.rows(`delete from segment_versions where rule ->> 'type' = 'segment'`);
    expect(await about()).toMatchObject([{ state: 'ok', detail: '1 serve' }]);
  });
});
