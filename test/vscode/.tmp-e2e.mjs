import { runEndToEnd } from './e2e/index.mjs';
import { steps } from './e2e/steps.mjs';
import { copyWorkspace } from './prepare.mjs';
import { setup } from './setup.mjs';

const { server: main, browser } = await setup();
for (const k of Object.keys(steps)) if (!process.argv.slice(3).some((a) => k.includes(a))) delete steps[k];
const r = await runEndToEnd(
  { main, browser, vsix: process.argv[2] },
  await copyWorkspace(process.env.MODEL ?? '/tmp/echo/model'),
  '/tmp/echo/e2e',
);
console.log(r.flatMap((x) => x.measured ?? []));
process.exit(0);
