import { Injectable } from '@nestjs/common';
import { MessageRequested } from '../../events/message-requested.event.js';
import { enqueueDelivery } from '../../integrations/deliveries/enqueue-delivery.js';
import { uuidv7 } from '../../platform/database/uuid.js';
import { Facts } from '../../platform/facts/facts.service.js';
import type { UnitOfWork } from '../../platform/unit-of-work/unit-of-work.js';
import type { ActionFields, AttributeStep, ConnectorStep, MessageStep } from '../definitions/definition.js';
import type { StepResult } from './next-state.js';
import { after } from './wait.js';

/** The run that a step is of. */
interface ActingRun {
  id: string;
  customerId: string;
  userId: string | null;
  step: number;
}

/** What an action works with. */
export interface ActionContext {
  /** Takes the effect. */
  unit: UnitOfWork;
  now: Date;
}

/** Puts the effects of steps into units of work. */
@Injectable()
export class Actions {
  constructor(private readonly facts: Facts) {}

  take(
    step: ConnectorStep | MessageStep | AttributeStep,
    run: ActingRun,
    context: ActionContext,
  ): StepResult {
    if ('connector' in step) return enqueueAction(step, run, context);
    if ('message' in step) return this.requestMessage(step, run, context.unit);
    setAttribute(step, run, context);
    return { outcome: 'set' };
  }

  private requestMessage(
    { message: kind, channel }: MessageStep,
    run: ActingRun,
    unit: UnitOfWork,
  ): StepResult {
    if (run.userId === null) return { outcome: 'skipped' };
    const effectId = uuidv7();
    const fact = new MessageRequested(
      effectId,
      run.customerId,
      run.userId,
      { kind, channel },
      occurrenceOf(run),
    );
    this.facts.emit(fact, unit);
    return { outcome: 'queued', effectId };
  }
}

/** What a delivery is given: the fields with their times; placeholders stay until it is delivered. */
export function contentOf(fields: ActionFields | undefined, now: Date): Record<string, string> {
  const values = Object.entries(fields ?? {}).map(([name, value]) => {
    return [name, typeof value === 'string' ? value : after(value, now).toISOString()] as const;
  });
  return Object.fromEntries(values);
}

function enqueueAction(
  { connector, kind, fields }: ConnectorStep,
  run: ActingRun,
  context: ActionContext,
): StepResult {
  const { customerId } = run;
  const content = contentOf(fields, context.now);
  const delivery = { connector, customerId, kind, occurrence: occurrenceOf(run), content };
  return { outcome: 'queued', effectId: enqueueDelivery(context.unit, delivery) };
}

function setAttribute(
  { attribute: key, value }: AttributeStep,
  run: ActingRun,
  { unit, now }: ActionContext,
): void {
  const { customerId, id: runId } = run;
  if (value === null) unit.execute(REMOVE_ATTRIBUTE, { customerId, key });
  else unit.execute(SET_ATTRIBUTE, { customerId, key, value, runId, now });
}

/** The key of an effect: a step of a run has one. */
function occurrenceOf({ id, step }: ActingRun): string {
  return `automation ${id} ${step}`;
}

const SET_ATTRIBUTE = `
  insert into customer_attributes (customer_id, key, value, run_id, set_at)
  select "customerId", key, value, "runId", now
  from json_to_recordset($1::json) as given ("customerId" uuid, key text, value jsonb, "runId" uuid, now timestamptz)
  on conflict (customer_id, key) do update
  set value = excluded.value, run_id = excluded.run_id, set_at = excluded.set_at`;

const REMOVE_ATTRIBUTE = `
  delete from customer_attributes using json_to_recordset($1::json) as given ("customerId" uuid, key text)
  where customer_id = "customerId" and customer_attributes.key = given.key`;
