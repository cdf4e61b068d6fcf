// From two plain texts to an encoder and its report, with keys.
import assert from 'node:assert/strict';
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from '../prepare.mjs';
import { frameWith, open, pick, pickFile, run, until } from './keys.mjs';

/** The words of some sentences of a sample, a sentence a line. */
async function plainText(sample) {
  const sentences = (await readFile(join(root, 'samples', sample), 'utf8')).split('\n\n').slice(0, 300);
  const words = (sentence) => [...sentence.matchAll(/^\d+\t([^\t]+)/gm)].map(([, word]) => word);
  return sentences.map((sentence) => `${words(sentence).join(' ')}\n`).join('');
}

/** Waits for a notification and presses one of its buttons. */
async function answer(page, text, button) {
  const toast = page.locator('.notification-toast', { hasText: text });
  await toast.waitFor({ timeout: 300_000 });
  await toast.locator('.monaco-button', { hasText: button }).click();
}

/** In the page: whether anything in the status bar is animated within some milliseconds. */
async function moves(milliseconds) {
  const bar = document.querySelector('.part.statusbar');
  const end = performance.now() + milliseconds;
  while (performance.now() < end) {
    if (bar.getAnimations({ subtree: true }).length > 0) return true;
    await new Promise(requestAnimationFrame);
  }
  return false;
}

/** The frame with the report of an encoder, when its curves are on the screen. */
async function report(page) {
  const found = await frameWith(page, 'the curves', 'canvas', 2);
  await page.locator('iframe.webview.ready').first().waitFor();
  await found.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
  return found;
}

const project = async (folder) => JSON.parse(await readFile(join(folder, 'crosstag.json'), 'utf8'));

export const projectSteps = {
  'a project of one language is set up, without an encoder': async ({ page, folder }) => {
    await run(page, 'Crosstag: Set Up Project…');
    await pick(page, 'What is labelled?', 'Names');
    await pick(page, 'First language', 'Wolof');
    await pick(page, 'Text to learn Wolof (wo) from', 'There is none');
    await pick(page, 'Labelled files in Wolof (wo)', 'Choose files to train on');
    await pickFile(page, 'Labelled files in Wolof (wo) to train on', join(folder, 'a-train.conll'));
    await pick(page, 'Measure on Wolof (wo) while training?', 'Without a development file');
    await pick(page, 'Another language?', 'this is the only one');
    await pick(page, 'Which files are to be labelled in Wolof (wo)?', 'Later');
    await page.locator('.tab.active[data-resource-name="crosstag.json"]').waitFor();
    const languages = [{ language: 'wo', train: ['a-train.conll'] }];
    assert.deepEqual(await project(folder), { task: 'ner', languages });
    const next = page.locator('.notification-toast', { hasText: 'Next, a tagger learns from the labelled files' });
    await next.waitFor();
    await next.hover();
    await next.locator('.codicon-notifications-clear').click();
  },

  'a project is set up': async ({ page, folder }) => {
    // The dialog shows ten files: these come first.
    await writeFile(join(folder, 'a-pt.txt'), await plainText('portuguese/train.iob2'));
    await writeFile(join(folder, 'a-wo.txt'), await plainText('wolof/train.conllu'));
    await copyFile(join(folder, 'portuguese.conll'), join(folder, 'a-pt.conll'));
    await run(page, 'Crosstag: Set Up Project…');
    await pick(page, 'There is a crosstag.json already', 'Replace it');
    await pick(page, 'What is labelled?', 'Names');
    await pick(page, 'First language', 'Portuguese');
    await pick(page, 'Text to learn Portuguese (pt) from', 'Choose a plain text');
    // Who dismisses the dialog is asked again.
    await page.locator('.quick-input-title', { hasText: 'Plain text in Portuguese (pt)' }).waitFor();
    await page.keyboard.press('Escape');
    await pick(page, 'Text to learn Portuguese (pt) from', 'Choose a plain text');
    await pickFile(page, 'Plain text in Portuguese (pt)', join(folder, 'a-pt.txt'));
    await pick(page, 'Labelled files in Portuguese (pt)', 'Choose files to train on');
    await pickFile(page, 'Labelled files in Portuguese (pt) to train on', join(folder, 'a-pt.conll'));
    await pick(page, 'Measure on Portuguese (pt) while training?', 'Without a development file');
    await pick(page, 'Another language?', 'Add a language');
    await pick(page, 'Language that is to be labelled', 'Wolof');
    await pick(page, 'Text to learn Wolof (wo) from', 'Choose a plain text');
    await pickFile(page, 'Plain text in Wolof (wo)', join(folder, 'a-wo.txt'));
    await pick(page, 'Labelled files in Wolof (wo)', 'There are none');
    await pick(page, 'Which files are to be labelled in Wolof (wo)?', 'Later');
    await pick(page, 'Another language?', 'No, these are all');
    await pick(page, 'Word list from Portuguese (pt) to Wolof (wo)', 'Without a word list');
    await pick(page, 'How long may pre-training take?', 'A quarter of an hour');
    await until('the new project', async () => (await project(folder)).languages.length === 2);
    assert.deepEqual(await project(folder), {
      task: 'ner',
      languages: [
        { language: 'pt', text: 'a-pt.txt', train: ['a-pt.conll'] },
        { language: 'wo', text: 'a-wo.txt' },
      ],
      encoder: { size: 'tiny', minutes: 15 },
    });
  },

  'an encoder is pre-trained': async ({ page, folder }) => {
    const path = join(folder, 'crosstag.json');
    await writeFile(path, JSON.stringify({ ...(await project(folder)), encoder: { size: 'tiny', steps: 5 } }, null, 2));
    await answer(page, 'The project is set up', 'Pre-train Encoder');
    await page.locator('.statusbar-item', { hasText: 'Pre-training' }).first().waitFor();
    await answer(page, /The encoder has seen [\d,]+ words/, 'Show Report');
    await report(page);
  },

  'a training goes on in the status bar, where it can be cancelled': async ({ page, folder }) => {
    const path = join(folder, 'crosstag.json');
    await writeFile(
      path,
      JSON.stringify({ ...(await project(folder)), encoder: { size: 'tiny', minutes: 10 } }, null, 2),
    );
    await run(page, 'Crosstag: Pre-train Encoder');
    await pick(page, 'There is an encoder already: pt-wo/1', 'Train it further');
    const toast = page.locator('.notification-toast', { hasText: 'pre-training' });
    await toast.waitFor();
    await toast.waitFor({ state: 'detached', timeout: 30_000 });
    await open(page, 'portuguese.conll');
    // An icon that moves is drawn again and again, and keys wait for it; VS Code moves one of a language when its text changes.
    await until('the status bar at rest', async () => !(await page.evaluate(moves, 300)));
    assert.ok(!(await page.evaluate(moves, 3000)));
    await page
      .locator('.statusbar-item', { hasText: /Pre-training( \d+%)?$/ })
      .first()
      .click();
    await toast.waitFor();
    await toast.locator('.monaco-button', { hasText: 'Cancel' }).click();
    await answer(page, 'Pre-training is stopped', 'Finish Now');
    await page
      .locator('.notification-toast', { hasText: /The encoder has seen [\d,]+ words/ })
      .waitFor({ timeout: 60_000 });
    await page.locator('.tab', { hasText: 'Encoder pt-wo/1' }).click();
    await report(page);
  },

  'the report of an encoder': async ({ page }) => {
    await page.locator('.tab.active', { hasText: 'Encoder pt-wo/1' }).waitFor();
    const frame = await report(page);
    assert.match(await frame.locator('h1').textContent(), /^pt-wo\/1$/);
    await frame.locator('summary').first().click();
    await frame.locator('table', { hasText: 'pt forward' }).first().waitFor();
  },
};
