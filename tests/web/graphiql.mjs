// The page at `/` in a real browser: it must work without the internet, and every ready tab must run.
//
// HOURBANK_SCREENSHOT is where the picture goes (default: the temporary folder).

import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { base, people } from './setup.mjs';

const WAIT = 15_000;

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync'],
});
try {
  const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
  page.setDefaultTimeout(WAIT);
  const faults = [];
  const foreign = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
  // Whatever is not the server's own is refused and held against the page.
  await page.route((url) => url.origin !== base && !['data:', 'blob:'].includes(url.protocol), (route) => {
    foreign.push(route.request().url());
    return route.abort();
  });
  await page.goto(`${base}/`, { waitUntil: 'load' });

  const [tabs, query, token, result, state] = ['#tabs [role="tab"]', '#query', '#token', '#result', '#state'].map((at) => page.locator(at));
  const shows = (words) => result.filter({ hasText: words }).waitFor();
  const answer = async () => JSON.parse(await result.innerText());

  /** Runs the open tab, whose field holds a token or gets one. */
  async function run() {
    if (!(await token.inputValue())) await token.fill(people.CLIENT_OWNER.token);
    await page.locator('#run').click();
  }

  const ran = { query: 0, subscription: 0 };
  for (let n = 0; n < (await tabs.count()); n += 1) {
    await tabs.nth(n).click();
    const kind = (await query.inputValue()).match(/\b(mutation|subscription)\b/)?.[1] ?? 'query';
    if (kind === 'mutation') continue;
    await run();
    await shows('"data"');
    const { data, errors } = await answer();
    assert.equal(errors, undefined, JSON.stringify(errors));
    assert.ok(data, await tabs.nth(n).innerText());
    ran[kind] += 1;
    if (kind === 'query') assert.match(await state.innerText(), /^200, \d+ ms, cost \d+/);
  }
  assert.ok(ran.query && ran.subscription, `a query and a subscription are ready: ${JSON.stringify(ran)}`);

  // A live tab goes on behind another one, and stops when it is told to.
  const live = tabs.filter({ hasText: '●' }).first();
  await live.click();
  assert.match(await state.innerText(), /^Live, \d+ so far/);
  const picture = process.env.HOURBANK_SCREENSHOT ?? join(tmpdir(), 'graphiql.png');
  await page.locator('#docs').click();
  await page.locator('#schema').getByText('Subscription', { exact: true }).click();
  await page.locator('#schema').getByText('hourBalanceChanged').first().waitFor();
  await page.screenshot({ path: picture });
  await page.locator('#schema').getByText('← all').click();
  await page.locator('#docs').click();
  await page.locator('#stop').click();
  await state.filter({ hasText: 'Stopped after' }).waitFor();

  // A new tab completes names from the schema, and tells what was refused.
  await page.locator('#add').click();
  await query.fill('{ ');
  await query.press('Control+Space');
  await page.locator('#hints [role="option"]').filter({ hasText: /^clients: ClientConnection$/ }).click();
  assert.equal(await query.inputValue(), '{ clients');
  await query.fill('{ nothingOfTheKind }');
  await query.press('Control+Enter');
  await shows('GRAPHQL_VALIDATION_FAILED');
  // The browser notes the answer's status as an error of its own; that one is meant.
  faults.splice(0, faults.length, ...faults.filter((fault) => !/status of 400/.test(fault)));

  assert.deepEqual(foreign, [], 'the page needs nothing from elsewhere');
  assert.deepEqual(faults, [], 'the page runs without a fault');
  console.log(`ok: ${ran.query} queries and ${ran.subscription} subscriptions run in a browser; ${picture}`);
} finally {
  await browser.close();
}
