import { setTimeout as sleep } from 'node:timers/promises';
import { request } from 'undici';
import { createdBody, signatureOf } from '../../load/event.js';

/** An answered event and its latency. */
export interface Answered {
  latencyMs: number;
  /** When the answer arrived (ms since the epoch). */
  at: number;
}

/** Delivers an event per key at a fixed rate, without waiting for answers. @throws unless all succeed */
export async function probe(url: string, keys: readonly string[], perSecond: number): Promise<Answered[]> {
  const answers: Promise<Answered>[] = [];
  const startedAt = performance.now();
  for (const [index, key] of keys.entries()) {
    await sleep(Math.max(0, startedAt + (index * 1000) / perSecond - performance.now()));
    answers.push(deliver(url, key));
  }
  return Promise.all(answers);
}

/** Delivers one event of a new customer. */
export async function deliver(url: string, key: string): Promise<Answered> {
  const body = createdBody(key, Math.floor(Date.now() / 1000));
  const sentAt = performance.now();
  const answer = await request(`${url}/webhooks/stripe`, {
    method: 'POST',
    headers: { 'content-type': 'application/json; charset=utf-8', 'stripe-signature': signatureOf(body) },
    body,
  });
  const text = await answer.body.text();
  const latencyMs = performance.now() - sentAt;
  if (answer.statusCode !== 200 || !text.includes('"success":true')) throw new Error(`Answered ${text}`);
  return { latencyMs, at: Date.now() };
}
