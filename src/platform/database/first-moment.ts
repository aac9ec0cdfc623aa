/**
 * SQL for the moment at which a day of a zone begins. Where clocks go back to midnight, PostgreSQL takes the second of the
 * two midnights; the first one is an hour before it. Where midnight is left out, the day begins after the gap.
 * @param midnight SQL of type timestamp
 * @param zone SQL for the name of the zone
 */
export const firstMoment = (midnight: string, zone: string): string => `(
  select case when (late - interval '1 hour') at time zone ${zone} >= midnight
    then late - interval '1 hour' else late end
  from (
    select midnight, midnight at time zone ${zone} as late from (select ${midnight}) as _ (midnight)
  ) as _)`;
