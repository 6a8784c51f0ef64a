// What the scripts share: where the server is, who signs in, how a query is asked.
//
// HOURBANK_TEST_URL is the server's address, HOURBANK_TOKENS the file that `hourbank demo --tokens FILE` wrote.

import { readFileSync } from 'node:fs';

function needed(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set; tests/web/run sets it`);
  return value;
}

/** The server's address, without a slash at its end. */
export const base = needed('HOURBANK_TEST_URL').replace(/\/$/, '');
export const graphql = `${base}/graphql`;
export const socket = `${base.replace(/^http/, 'ws')}/graphql/ws`;

/** By role: `{ email, password, token }`. */
export const people = JSON.parse(readFileSync(needed('HOURBANK_TOKENS'), 'utf8'));

/** What stands in the Authorization header for a role. */
export function bearer(role) {
  return `Bearer ${people[role].token}`;
}

/** Asks over HTTP; answers the whole result. A role of null is nobody. */
export async function ask(role, query, variables = {}) {
  const headers = { 'content-type': 'application/json', accept: 'application/graphql-response+json' };
  if (role) headers.authorization = role.startsWith('Bearer ') ? role : bearer(role);
  const answer = await fetch(graphql, { method: 'POST', headers, body: JSON.stringify({ query, variables }) });
  return answer.json();
}

/** The data of an answer that must have no error. */
export async function data(role, query, variables) {
  const { data, errors } = await ask(role, query, variables);
  if (errors) throw new Error(errors.map(({ message }) => message).join('; '));
  return data;
}

/** Settles as the promise does, or fails when it takes longer. */
export function within(ms, what, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: nothing within ${ms} ms`)), ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

export const BALANCE = `
  engagement { id } version grantedMinutes transferredMinutes adjustedMinutes usedMinutes expiredMinutes
  remainingMinutes overageMinutes expiresAt`;

export const balanceChanged = `subscription { hourBalanceChanged { ${BALANCE} } }`;
