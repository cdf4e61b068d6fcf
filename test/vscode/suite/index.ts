// VS Code loads this module inside the extension host and calls `run`; a rejection means that tests failed.
import { writeFileSync } from 'node:fs';
import Mocha from 'mocha';

/** Path of a JSON report for the closing summary. */
const REPORT = process.env.CROSSTAG_TEST_REPORT;

export async function run(): Promise<void> {
  const mocha = new Mocha({ ui: 'bdd', color: false, timeout: 60_000 });
  // The suites are in this bundle: their `describe` and `it` must be there before they are evaluated.
  mocha.suite.emit('pre-require', globalThis, '', mocha);
  await import('./suites.ts');
  const failures = await new Promise<number>((resolve) => {
    const runner = mocha.run(resolve);
    runner.once('end', () => {
      if (REPORT !== undefined) writeFileSync(REPORT, JSON.stringify(runner.stats));
    });
  });
  if (failures > 0) throw new Error(`${failures} tests failed`);
}
