// The workbench as a person uses it: keys, what is on the screen, and a screenshot of every step.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { openWorkbench, startServer } from '../workbench.mjs';
import { steps } from './steps.mjs';

/** What a person who labels raw text sets. */
const SETTINGS = { 'editor.wordWrap': 'on', 'editor.minimap.enabled': false };

/**
 * @param {{ main: string, vsix: string, browser: string }} options
 * @param {string} folder a workspace that may be edited
 * @param {string} out folder of screenshots
 * @returns {Promise<{ name: string, error?: unknown, measured?: string[] }[]>}
 */
export async function runEndToEnd(options, folder, out) {
  const shots = join(out, 'screenshots');
  await mkdir(shots, { recursive: true });
  const server = await startServer({ ...options, log: join(out, 'e2e-server.log'), settings: SETTINGS });
  const { browser, page } = await openWorkbench(server, { browser: options.browser, folder });
  const results = [];
  try {
    for (const [name, step] of Object.entries(steps)) {
      const measured = [];
      try {
        await step({ page, folder, server, measured });
        results.push({ name, measured });
        console.log(`  ok ${name}`);
      } catch (error) {
        results.push({ name, error });
        console.log(`  FAILED ${name}\n${error}`);
      }
      await page.screenshot({ path: join(shots, `${name.replaceAll(/\W+/g, '-')}.png`) });
    }
  } finally {
    await browser.close();
    await server.stop();
  }
  return results;
}
