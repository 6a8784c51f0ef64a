// GraphQL over HTTP, as the reference implementation audits it: all levels, MUST, SHOULD and MAY.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { serverAudits } from 'graphql-http';
import { bearer, graphql } from './setup.mjs';

// The audits know no tokens.
const fetchFn = (url, init = {}) =>
  fetch(url, { ...init, headers: { ...init.headers, authorization: bearer('CLIENT_OWNER') } });

const audits = serverAudits({ url: graphql, fetchFn });

test('the audit is the whole one', () => assert.equal(audits.length, 61));

for (const { id, name, fn } of audits) {
  test(`${id} ${name}`, async () => {
    const result = await fn();
    assert.equal(result.status, 'ok', result.reason);
  });
}
