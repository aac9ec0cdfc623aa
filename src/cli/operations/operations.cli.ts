import type { Command } from 'commander';
import { CHANNELS } from '../../notifications/notification-kind.js';
import { matching } from '../argument-rules.js';
import type { Declare } from '../task.js';
import { declareNotifications } from './notifications.cli.js';

const toJobIds = matching(/^\d{1,18}$/, 'It must be the number of a job (see: mingus jobs list).');
const toEventId = matching(/^evt_\w+$/, 'It must be the id of an event: evt_…');

/** Commands that make waiting work continue. */
export function declareOperations(program: Command, declare: Declare): void {
  declareJobs(program, declare);
  declareChannels(program, declare);
  declareNotifications(program, declare);
  const events = program.command('events').description('fetch the objects of thin events again');
  declare(
    events
      .command('refetch')
      .description("fetches the object of one thin event again, or of all whose outcome is still 'fetching'")
      .argument('[id]', 'the id of the event', toEventId),
    (stripeEventId?: string) => ({
      args: { stripeEventId },
      load: async () => (await import('./events.command.js')).refetchEvents,
    }),
  );
  const database = program
    .command('database')
    .description('show running and waiting statements in the database');
  declare(
    database
      .command('activity')
      .description('lists open transactions, the oldest first, and counts connections by application'),
    () => ({ args: {}, load: async () => (await import('./database.command.js')).showDatabaseActivity }),
  );
}

function declareJobs(program: Command, declare: Declare): void {
  const jobs = program
    .command('jobs')
    .description('list and repeat dead jobs')
    .addHelpText(
      'after',
      '\nExamples:\n  mingus jobs retry 4711 4712\n  mingus jobs retry --task deliver-notification',
    );
  declare(
    jobs.command('list').description('lists the newest 100 dead jobs, which have used all attempts'),
    () => ({
      args: {},
      load: async () => (await import('./jobs.command.js')).listJobs,
    }),
  );
  declare(
    jobs
      .command('retry')
      .description('makes dead jobs run again at once, with all their attempts')
      .argument('[ids...]', 'the numbers of the jobs', (text, before: string[] = []) => [
        ...before,
        toJobIds(text),
      ])
      .option('--all', 'all of them')
      .option('--task <task>', 'all of this task'),
    (ids: string[], { all, task }: { all?: true; task?: string }, command: Command) => {
      if (ids.length > 0 === Boolean(all ?? task))
        command.error('error: name the jobs by their numbers, or give --all or --task');
      return {
        args: { ...(ids.length > 0 ? { ids } : {}), ...(task === undefined ? {} : { task }) },
        load: async () => (await import('./jobs.command.js')).retryJobs,
      };
    },
  );
  declare(
    jobs
      .command('analyze')
      .description('updates the statistics of PostgreSQL after the queue has become long'),
    () => ({ args: {}, load: async () => (await import('./jobs.command.js')).analyzeJobs }),
  );
}

function declareChannels(program: Command, declare: Declare): void {
  const channels = program.command('channels').description('list and resume paused channels');
  declare(channels.command('list').description('lists the channels that have faults'), () => ({
    args: {},
    load: async () => (await import('./channels.command.js')).listChannels,
  }));
  const resume = channels.command('resume');
  declare(
    resume
      .description('clears the faults of a channel: its messages are tried before the pause ends')
      .addArgument(resume.createArgument('<channel>').choices(CHANNELS)),
    (channel: string) => ({
      args: { channel },
      load: async () => (await import('./channels.command.js')).resumeChannel,
    }),
  );
}
