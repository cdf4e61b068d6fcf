// npm run test:vscode: packages the extension, installs the VSIX in a real VS Code, and runs the suite in its extension
// host and the keyboard tests in its workbench. Screenshots and logs go to out/vscode.
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { runEndToEnd } from './e2e/index.mjs';
import { bundleSuite, copyWorkspace, host, out, packageExtension, trainModel } from './prepare.mjs';
import { setup } from './setup.mjs';
import { openWorkbench, startServer } from './workbench.mjs';

/** Milliseconds. */
const PATIENCE = 8 * 60_000;
/** What the workbench says of itself in the browser's console. */
const NOISE =
  /^(Creating a socket|Resolv(ing|ed) connection token|ChatSessionStore|Updating additional builtin|\[Service Worker\]|Creation of workbench contribution|Ignoring fetching additional|\[\w*(Agent|Chat|Policy)\w*[\]:]|\[reconnection)/;

const times = [];
const report = join(out, 'mocha.json');

async function timed(what, work) {
  const start = Date.now();
  console.log(`\n== ${what}`);
  const result = await work();
  times.push([what, (Date.now() - start) / 1000]);
  return result;
}

/** Runs the mocha suite in the extension host of a workbench. @returns {Promise<boolean>} did all pass? */
async function runSuite(options, tests, folder) {
  const server = await startServer({ ...options, log: join(out, 'suite-server.log') });
  let browser;
  let timer;
  try {
    const code = await new Promise((resolve, reject) => {
      timer = setTimeout(() => reject(new Error('the suite did not end in time')), PATIENCE);
      const prepare = async (page) => {
        // The workbench calls these two functions of the page when it runs tests.
        await page.exposeFunction('codeAutomationLog', (type, [first, ...rest]) => {
          if (!NOISE.test(String(first))) (console[type] ?? console.log)(first, ...rest);
        });
        await page.exposeFunction('codeAutomationExit', (exit) => resolve(exit));
        page.on('crash', () => reject(new Error('the page crashed')));
      };
      openWorkbench(server, { browser: options.browser, development: host, tests, folder, prepare }).then((opened) => {
        browser = opened.browser;
      }, reject);
    });
    return code === 0;
  } finally {
    clearTimeout(timer);
    await browser?.close();
    await server.stop();
  }
}

await mkdir(out, { recursive: true });
await rm(report, { force: true });
process.env.CROSSTAG_TEST_REPORT = report;

const vsix = await timed('package', packageExtension);
const { server: main, browser } = await timed('VS Code and Chromium', setup);
const model = await timed('model', trainModel);
const tests = await bundleSuite();
const options = { main, vsix, browser };
const suite = await timed('suite in the extension host', async () =>
  runSuite(options, tests, await copyWorkspace(model)),
);
const steps = await timed('keyboard and screenshots', async () =>
  runEndToEnd(options, await copyWorkspace(model), out),
);

const failed = steps.filter(({ error }) => error !== undefined);
const counts = existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : { passes: 0, failures: 'no report' };
console.log(`
== Summary
VSIX: ${((await stat(vsix)).size / 1e6).toFixed(1)} MB
Suite: ${counts.passes} passed, ${counts.failures} failed
End to end: ${steps.length - failed.length} passed, ${failed.length} failed
${steps.flatMap(({ measured }) => measured ?? []).join('\n')}
${times.map(([what, seconds]) => `${what}: ${seconds.toFixed(1)} s`).join(', ')}
Screenshots and logs: ${out}`);
process.exit(suite && failed.length === 0 ? 0 : 1);
