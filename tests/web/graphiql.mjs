// The page at `/` in a real browser: it must work without the internet, and both ready tabs must run.
//
// HOURBANK_SCREENSHOT is where the picture goes (default: the temporary folder).

import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { base, bearer } from './setup.mjs';

const WAIT = 15_000;
const EXECUTE = '[aria-label*="Execute"]';
const TABS = '[role="tab"]';
const ANSWER = '.result-window, .graphiql-response, [aria-label="Result Window"]';

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync'],
});
try {
  const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
  const faults = [];
  const foreign = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
  // Whatever is not the server's own is refused and held against the page.
  await page.route((url) => url.origin !== base && !['data:', 'blob:'].includes(url.protocol), (route) => {
    foreign.push(route.request().url());
    return route.abort();
  });
  await page.goto(`${base}/`, { waitUntil: 'load', timeout: WAIT });
  await page.locator(EXECUTE).first().waitFor({ timeout: WAIT });

  // The page of the demonstration signs itself in; elsewhere the token goes into its headers, which the URL cannot do.
  await page.evaluate((authorization) => {
    globalThis.localStorage.setItem('graphiql:headers', JSON.stringify({ authorization }));
  }, bearer('CLIENT_OWNER'));
  await page.reload({ waitUntil: 'load', timeout: WAIT });

  /** Runs the tab whose title fits, and answers with what it shows once that holds a word. */
  async function run(title, word) {
    await page.locator(TABS).filter({ hasText: title }).first().click({ timeout: WAIT });
    await page.locator(EXECUTE).first().click({ timeout: WAIT });
    const answer = page.locator(ANSWER).filter({ hasText: word }).first();
    await answer.waitFor({ timeout: WAIT });
    return answer.innerText();
  }

  const query = await run(/query|viewer|balance/i, '"data"');
  assert.doesNotMatch(query, /"errors"/, query);
  const subscription = await run(/subscription|live|changed/i, 'hourBalanceChanged');
  assert.match(subscription, /remainingMinutes/, subscription);

  const picture = process.env.HOURBANK_SCREENSHOT ?? join(tmpdir(), 'graphiql.png');
  await page.screenshot({ path: picture });
  assert.deepEqual(foreign, [], 'the page needs nothing from elsewhere');
  assert.deepEqual(faults, [], 'the page runs without a fault');
  console.log(`ok: the query and the subscription run in a browser; ${picture}`);
} finally {
  await browser.close();
}
