// The way a balance goes: a project manager logs ten minutes, and the client's owner sees them go. Proves L-1.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { BALANCE, balanceChanged, bearer, data, socket, within } from './setup.mjs';

const ROUNDS = 5;
const MINUTES = 10;
const LIMIT_MS = 100;

const LOG = `mutation ($input: TimeEntryCreateInput!) {
  timeEntryCreate(input: $input) { timeEntry { minutes } hourBalance { ${BALANCE} } errors { code message } }
}`;

/** What a query reads of one engagement now, as the owner. */
async function read(engagementId) {
  const { clients } = await data('CLIENT_OWNER', `{ clients(first: 5) { nodes { hourBalances { ${BALANCE} } } } }`);
  return clients.nodes.flatMap(({ hourBalances }) => hourBalances).find(({ engagement }) => engagement.id === engagementId);
}

function log(engagementId) {
  const input = {
    engagementId,
    workedOn: new Date().toISOString().slice(0, 10),
    minutes: MINUTES,
    activity: 'CONSULTATION',
    note: 'Answered a question on the funnel',
    idempotencyKey: randomUUID(),
  };
  return data('PROJECT_MANAGER', LOG, { input });
}

test(`ten minutes logged reach the owner's screen within ${LIMIT_MS} ms`, async (t) => {
  const client = createClient({
    url: socket, webSocketImpl: WebSocket, retryAttempts: 0, connectionParams: { authorization: bearer('CLIENT_OWNER') },
  });
  t.after(() => client.dispose());
  const pushed = [];
  let look = () => {};
  client.subscribe({ query: balanceChanged }, {
    next: ({ data, errors }) => {
      pushed.push({ at: performance.now(), balance: data?.hourBalanceChanged, errors });
      look();
    },
    error: (error) => { throw error; },
    complete: () => {},
  });
  const push = (fits) => within(5000, 'a push', new Promise((resolve) => {
    look = () => {
      const found = pushed.find(({ balance }) => balance && fits(balance));
      if (found) resolve(found);
    };
    look();
  }));

  let { balance: before } = await push(() => true);
  const id = before.engagement.id;
  const took = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const { timeEntryCreate: made } = await log(id);
    const answered = performance.now();
    assert.deepEqual(made.errors, []);
    assert.equal(made.timeEntry.minutes, MINUTES);

    const { at, balance } = await push(({ engagement, version }) => engagement.id === id && version > before.version);
    took.push(Math.max(0, at - answered));
    assert.equal(balance.usedMinutes, before.usedMinutes + MINUTES);
    assert.equal(balance.remainingMinutes - balance.overageMinutes, before.remainingMinutes - before.overageMinutes - MINUTES);
    assert.deepEqual(balance, made.hourBalance, 'the payload says the same');
    assert.deepEqual(balance, await read(id), 'a query reads the same');
    before = balance;
  }
  const versions = pushed.filter(({ balance }) => balance?.engagement.id === id).map(({ balance }) => balance.version);
  assert.deepEqual(versions, versions.toSorted((a, b) => a - b), 'versions never fall');
  took.sort((a, b) => a - b);
  t.diagnostic(`milliseconds from the answer to the push: ${took.map((ms) => ms.toFixed(1)).join(', ')}`);
  assert.ok(took[Math.floor(ROUNDS / 2)] <= LIMIT_MS, `the push took ${took.join(', ')} ms`);
});
