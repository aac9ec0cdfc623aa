import type { INestApplicationContext } from '@nestjs/common';
import type { NotificationChannelState } from '../../notifications/channels/notification-channel-state.entity.js';
import { ChannelStates } from '../../notifications/channels/channel-states.service.js';
import type { ChannelName } from '../../notifications/notification-kind.js';
import type { Output } from '../output.js';
import { EXIT } from '../task.js';

/** Lists the channels that have faults. */
export async function listChannels(
  app: INestApplicationContext,
  _args: object,
  output: Output,
): Promise<number> {
  const states = await app.get(ChannelStates, { strict: false }).list();
  for (const state of states) output.line(lineOf(state));
  if (states.length === 0) output.line('No channel has faults');
  output.document(states);
  return EXIT.done;
}

/** Ends the pause of a channel. */
export async function resumeChannel(
  app: INestApplicationContext,
  { channel }: { channel: ChannelName },
  output: Output,
): Promise<number> {
  const state = await app.get(ChannelStates, { strict: false }).resume(channel);
  output.line(state ? `Resumed: ${lineOf(state)}` : `${channel} had no faults: nothing to resume`);
  output.document({ resumed: state });
  return EXIT.done;
}

function lineOf({ channel, failures, pausedUntil, since, reason }: NotificationChannelState): string {
  const pause = pausedUntil ? `paused until ${pausedUntil.toISOString()}` : 'not paused';
  return `${channel}  ${pause}  ${failures} faults since ${since.toISOString()}  ${reason}`;
}
