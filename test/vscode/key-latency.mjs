// node test/vscode/key-latency.mjs FOLDER KEYS: from a key to its label on the screen of a real VS Code, for the benchmark.
// The folder has a model, file.conll, a project with documents, and train.conll. Prints milliseconds as JSON, by case.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { names, open, pick, pickFile, run, screenText, until } from './e2e/keys.mjs';
import { out, packageExtension } from './prepare.mjs';
import { setup } from './setup.mjs';
import { openWorkbench, startServer } from './workbench.mjs';

/** Milliseconds between two keys, and that a label may take before something is wrong. */
const BETWEEN = 300;
const PATIENCE = 10_000;
/** Milliseconds until the cursor is drawn where it has gone. */
const DRAWN = 100;

/**
 * Watches the place of the cursor: `window.latency` becomes the time from the next key with a digit to the frame that shows a
 * decoration there.
 * @returns false where there is one already, or no word
 */
function watch(patience) {
  const editor = document.querySelector('.monaco-editor.focused');
  const isHere = (element) => {
    const cursor = editor.querySelector('.cursor').getBoundingClientRect();
    const middle = (cursor.top + cursor.bottom) / 2;
    const box = element.getBoundingClientRect();
    return box.top < middle && box.bottom > middle && box.left <= cursor.left + 1 && box.right >= cursor.left - 1;
  };
  const isShown = () => [...editor.querySelectorAll('.view-overlays [class*="TextEditorDecorationType"]')].some(isHere);
  const line = [...editor.querySelectorAll('.view-line')].find(isHere);
  if (isShown() || !line?.textContent.trim()) return false;
  window.latency = new Promise((resolve, reject) => {
    setTimeout(() => reject(new Error('the label was not shown')), patience);
    let pressed;
    const listen = (event) => {
      if (!event.code.startsWith('Digit')) return;
      pressed = event.timeStamp;
      removeEventListener('keydown', listen, true);
    };
    addEventListener('keydown', listen, true);
    const observer = new MutationObserver(() => {
      if (pressed === undefined || !isShown()) return;
      observer.disconnect();
      // The frame in which the editor has drawn it is on the screen then.
      setTimeout(() => resolve(performance.now() - pressed));
    });
    observer.observe(editor, { subtree: true, childList: true, attributes: true });
  });
  return true;
}

/**
 * Sets labels one after another and takes each back, so that nothing false is learnt.
 * @returns milliseconds of each
 */
async function press(page, count, step) {
  const times = [];
  for (let tries = 0; times.length < count && tries < 10 * count; tries++) {
    await page.keyboard.press(step);
    await page.waitForTimeout(DRAWN);
    if (!(await page.evaluate(watch, PATIENCE))) continue;
    await page.waitForTimeout(BETWEEN);
    await page.keyboard.press(`Alt+${1 + (times.length % 2)}`);
    times.push(await page.evaluate(() => window.latency));
    await page.keyboard.press('Control+z');
    await page.waitForTimeout(BETWEEN);
  }
  if (times.length < count) throw new Error(`only ${times.length} words have no label and no suggestion`);
  return times;
}

const [folder, count] = [process.argv[2], Number(process.argv[3])];
await mkdir(out, { recursive: true });
const vsix = await packageExtension();
const { server: main, browser: program } = await setup();
// Without wrapping the cursor stays in its line when the name of a label comes.
const settings = { 'editor.wordWrap': 'off', 'editor.minimap.enabled': false };
const server = await startServer({ main, vsix, log: join(out, 'key-latency.log'), settings });
const { browser, page } = await openWorkbench(server, { browser: program, folder });
const inFile = async () => {
  await open(page, 'file.conll');
  await until('suggestions', async () => (await names(page)).length > 0);
  return press(page, count, 'ArrowDown');
};
const inReview = async () => {
  await run(page, 'Crosstag: Review Sentences');
  await until('suggestions', async () => /\d+%\?/.test(await screenText(page)));
  await page.keyboard.press('Control+Home');
  return press(page, count, 'Control+ArrowRight');
};
try {
  const result = { file: await inFile(), review: await inReview() };
  await run(page, 'Crosstag: Train a Tagger…');
  await pickFile(page, 'Labelled files to train on', join(folder, 'train.conll'));
  await pick(page, 'Measure while training?', 'Without a development file');
  await pick(page, 'Which tagger?', 'Wide and deep');
  const training = page.locator('.statusbar-item', { hasText: /Training \d+%/ });
  await training.waitFor();
  const beside = { fileBeside: await inFile(), reviewBeside: await inReview() };
  if (!(await training.isVisible())) throw new Error('the training was over before the keys were');
  console.log(JSON.stringify({ ...result, ...beside }));
} finally {
  await page.screenshot({ path: join(out, 'key-latency.png') });
  await browser.close();
  await server.stop();
}
