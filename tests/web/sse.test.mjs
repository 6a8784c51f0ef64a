// GraphQL over server-sent events, distinct connections mode, by its reference client. Proves L-5.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { createClient } from 'graphql-sse';
import { balanceChanged, bearer, graphql, within } from './setup.mjs';

function client(authorization = bearer('CLIENT_OWNER')) {
  return createClient({ url: graphql, retryAttempts: 0, headers: { authorization } });
}

/** The first result of an operation, and a way to end it. */
function first(client, query) {
  let end;
  const result = new Promise((resolve, reject) => {
    end = client.subscribe({ query }, { next: resolve, error: reject, complete: () => reject(new Error('completed empty')) });
  });
  return { end: () => end(), result: within(5000, query, result) };
}

test('a query is answered and completed by the server', async () => {
  const one = client();
  const results = [];
  await within(5000, 'complete', new Promise((complete, error) => {
    one.subscribe({ query: '{ __typename }' }, { next: (result) => results.push(result), error, complete });
  }));
  assert.deepEqual(results.map(({ data }) => data), [{ __typename: 'Query' }]);
});

test('the balance comes at once, and the stream ends when the client wants', async () => {
  const one = client();
  let ended;
  const done = new Promise((resolve) => (ended = resolve));
  const got = await within(5000, 'a balance', new Promise((resolve, reject) => {
    const end = one.subscribe({ query: balanceChanged }, {
      next: (result) => {
        resolve(result);
        queueMicrotask(end);
      },
      error: reject,
      complete: ended,
    });
  }));
  assert.ok(Number.isInteger(got.data.hourBalanceChanged.remainingMinutes));
  await within(5000, 'complete', done);
});

test('two streams run side by side, and one outlives the other', async () => {
  const one = client();
  const [a, b] = [first(one, balanceChanged), first(one, balanceChanged)];
  const [left, right] = await Promise.all([a.result, b.result]);
  assert.deepEqual(left.data, right.data);
  a.end();
  assert.equal((await first(one, '{ __typename }').result).data.__typename, 'Query');
  b.end();
});

test('a token that is none is refused before any event', async () => {
  await assert.rejects(first(client('Bearer none'), balanceChanged).result, ({ response }) => response?.status === 401);
});

test('an answer is a stream of events that nothing on the way keeps back', async () => {
  const end = new AbortController();
  const answer = await fetch(graphql, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream', authorization: bearer('CLIENT_OWNER') },
    body: JSON.stringify({ query: balanceChanged }),
    signal: end.signal,
  });
  assert.equal(answer.status, 200);
  assert.match(answer.headers.get('content-type'), /^text\/event-stream/);
  assert.match(answer.headers.get('cache-control') ?? '', /no-cache|no-store/);
  end.abort();
});
