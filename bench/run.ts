import { parseArgs } from 'node:util';
import { LoadGenerator } from './load-generator.js';
import { measure } from './measure.js';
import { Target, TARGET_KINDS, type TargetName } from './targets.js';
import { Workplace } from './workplace.js';

const { values: flags } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string' },
  },
});

async function bench(workplace: Workplace): Promise<void> {
  const generator = LoadGenerator.start();
  workplace.defer(() => generator.stop());
  const names = (Object.keys(TARGET_KINDS) as TargetName[]).filter(
    (name) => !flags.only || flags.only.includes(name),
  );
  const targets: Target[] = [];
  for (const name of names) targets.push(await Target.start(workplace, name));
  const durations = { single: Number(flags.seconds ?? 4), many: Number(flags.seconds ?? 6) };
  const figures = await measure(workplace, generator, targets, Number(flags.rounds), durations);
  for (const target of targets) await target.assertStored();
  console.dir(figures, { depth: 5 });
}

const workplace = await Workplace.open();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void workplace.clean().then(() => process.exit(130)));
}
try {
  await bench(workplace);
} catch (error) {
  console.error(error);
  process.exitCode = 1;
} finally {
  await workplace.clean();
}
