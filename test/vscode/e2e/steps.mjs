// The steps of the test with keys, in their order; each leaves the workbench ready for the next.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { root } from '../prepare.mjs';
import { dashboardSteps } from './dashboard-steps.mjs';
import { choices, choose, find, goTo, lineText, names, open, pick, pickFile, run, screenText, until } from './keys.mjs';
import { projectSteps } from './project-steps.mjs';
import { reviewSteps } from './review-steps.mjs';

/** The dialog shows the ten files that there are when it opens: it comes first. */
const LABELLED = 'a-train.conll';

/** Trains on that file, with keys. */
async function train(page, folder) {
  await run(page, 'Crosstag: Train a Tagger…');
  await pickFile(page, 'Labelled files to train on', join(folder, LABELLED));
  await pick(page, 'Measure while training?', 'Without a development file');
  await pick(page, 'Which tagger?', 'Wide');
}

export const steps = {
  'labels and suggestions in CoNLL': async ({ page }) => {
    await open(page, 'portuguese.conll');
    const [first] = await until('suggestions', async () => {
      const all = await names(page);
      return all.length > 0 && all;
    });
    assert.match(first, /^(PER|ORG|LOC)\s\d+%\?$/);
    await page.locator('.statusbar-item', { hasText: 'demo/1' }).first().waitFor();
  },

  'a label from the keyboard and undo': async ({ page, folder }) => {
    const path = join(folder, 'portuguese.conll');
    const before = await readFile(path);
    await goTo(page, 9);
    await page.keyboard.press('Alt+l');
    await choices(page);
    await page.keyboard.type('PER');
    await page.keyboard.press('Enter');
    await until('the label in the text', async () => /^presidente B-PER/.test(await lineText(page, 9)));
    await page.keyboard.press('Control+s');
    await until('the label on disk', async () => /presidente B-PER\n/.test(await readFile(path, 'utf8')));
    await page.keyboard.press('Control+z');
    await page.keyboard.press('Control+s');
    await until('the bytes of before', async () => before.equals(await readFile(path)));
  },

  'a digit picks a label': async ({ page }) => {
    await goTo(page, 23);
    await page.keyboard.press('Alt+l');
    assert.match((await choices(page))[0], /^1 (PER|ORG|LOC)/);
    await page.keyboard.type('1');
    await until('the label in the text', async () => /^Petrobras B-(PER|ORG|LOC)/.test(await lineText(page, 23)));
    await page.keyboard.press('Control+z');
    await until('undo', async () => /^Petrobras _/.test(await lineText(page, 23)));
  },

  'a label that nobody has used': async ({ page }) => {
    const becomes = (text) =>
      until(`the line ${text}`, async () => (await lineText(page, 23)).startsWith(`Petrobras ${text}`));
    const list = page.locator('.quick-input-list .monaco-list-row');
    /** Types a label into the list and takes the row that it leads to. */
    const take = async (label, row) => {
      await page.keyboard.type(label);
      await page.locator('.quick-input-list .monaco-list-row.focused', { hasText: row }).waitFor();
      await page.keyboard.press('Enter');
    };
    await goTo(page, 23);
    await page.keyboard.press('Alt+l');
    await choices(page);
    await take('per', 'PER');
    await becomes('B-PER');
    await page.keyboard.press('Control+z');
    await becomes('_');
    await page.keyboard.press('Alt+l');
    await choices(page);
    await take('B-CLAN', 'New label “B-CLAN”');
    await list.filter({ hasText: 'this cannot be a label' }).waitFor();
    await page.keyboard.press('Control+a');
    await take('CLAN', 'New label “CLAN”');
    await becomes('B-CLAN');
  },

  'a label that nobody has used is taken back': async ({ page }) => {
    await page.keyboard.press('Control+z');
    await until('undo', async () => (await lineText(page, 23)).startsWith('Petrobras _'));
  },

  'back from the label to what a search has found': async ({ page }) => {
    const title = (text) => page.locator('.quick-input-title', { hasText: text }).waitFor();
    const count = () => page.locator('.quick-input-count').textContent();
    await page.keyboard.press('Alt+q');
    await title('Search tokens in the file');
    await page.keyboard.type('/^.$/');
    await page.keyboard.press('Enter');
    await title('What is to be relabelled?');
    const all = await count();
    await page.locator('.quick-input-list .monaco-list-row .quick-input-list-label').first().click();
    await until('a place that is not meant', async () => (await count()) !== all);
    const some = await count();
    await page.keyboard.press('Enter');
    await title('Label of');
    await page.locator('.quick-input-titlebar .codicon-quick-input-back').click();
    await title('What is to be relabelled?');
    await until('the ticks of before', async () => (await count()) === some);
    await page.keyboard.press('Escape');
    await page.locator('.quick-input-widget').waitFor({ state: 'hidden' });
  },

  'all suggestions of a sentence': async ({ page }) => {
    await goTo(page, 10);
    const sentence = async () => {
      const lines = [];
      for (let line = 8; line <= 20; line++) lines.push(await lineText(page, line));
      return lines.join('\n');
    };
    const before = await sentence();
    await page.keyboard.press('Alt+Shift+Enter');
    await until('labels', async () => (await sentence()) !== before);
    await page.keyboard.press('Control+z');
    await until('undo', async () => (await sentence()) === before);
  },

  'the list of labels': async ({ page }) => {
    await goTo(page, 23);
    await page.keyboard.press('Alt+l');
    await choices(page);
  },

  'probabilities in the hover': async ({ page }) => {
    await page.keyboard.press('Escape');
    await goTo(page, 11, 2);
    await run(page, 'Show or Focus Hover');
    const hover = page.locator('.monaco-hover:not(.hidden) .hover-contents').first();
    await hover.waitFor();
    assert.match(await hover.textContent(), /PER/);
  },

  diagnostics: async ({ page }) => {
    await page.keyboard.press('Escape');
    await open(page, 'broken.conll');
    await page.locator('.cdr.squiggly-error, .cdr.squiggly-warning').first().waitFor({ state: 'attached' });
    await run(page, 'View: Focus Problems');
    await page.locator('.markers-panel .monaco-list-row').nth(1).waitFor();
  },

  'parts of speech in CoNLL-U': async ({ page }) => {
    if (await page.locator('.markers-panel').isVisible()) await page.keyboard.press('Control+j');
    await run(page, 'Preferences: Toggle between Light/Dark Themes');
    await page.locator('.monaco-workbench.vs-dark').waitFor();
    await open(page, 'amharic.conllu');
  },

  'raw text from right to left': async ({ page }) => {
    await open(page, 'arabic.txt');
    await until('names of labels', async () => /LOC · ORG · LOC · PER/.test(await screenText(page)));
  },

  'a label of raw text, undo and redo': async ({ page, folder }) => {
    const path = join(folder, 'arabic.ann');
    const before = await readFile(path);
    const column = (await lineText(page, 1)).indexOf('مراكش') + 1;
    await goTo(page, 1, column + 2);
    await page.keyboard.press('Alt+o');
    const isCleared = async () => !/LOC.*مراكش/.test(await readFile(path, 'utf8'));
    await until('the label to go', isCleared);
    await page.keyboard.press('Control+z');
    await until('the bytes of before', async () => before.equals(await readFile(path)));
    await page.keyboard.press('Control+y');
    await until('the label to go again', isCleared);
    await page.keyboard.press('Control+z');
    await until('the bytes of before', async () => before.equals(await readFile(path)));
  },

  'raw text with suggestions': async ({ page }) => {
    await open(page, 'news.txt');
    await until('suggestions', async () => /Mário Soares\s*PER \d+%\?/.test(await screenText(page)));
  },

  'JSON lines with suggestions': async ({ page }) => {
    // A log is none of ours: nothing is asked about it, so that nothing can fail.
    await find(page, 'log.jsonl');
    await page.locator('.view-line', { hasText: 'started' }).hover();
    await page.waitForTimeout(1000);
    assert.equal(await page.locator('.notification-toast', { hasText: 'failed' }).count(), 0);
    await open(page, 'exported.jsonl');
    await until('labels and suggestions', async () =>
      /Mandela\s*PER e Lusa\s*ORG.*Nelson Mandela\s*PER \d+%\?/s.test(await screenText(page)),
    );
  },

  'raw text gets another name, and its labels with it': async ({ page, folder }) => {
    await open(page, 'chinese.txt');
    await run(page, 'File: Reveal Active File in Explorer View');
    const files = page.locator('.explorer-folders-view');
    await files.locator('.monaco-list-row.selected', { hasText: 'chinese.txt' }).waitFor();
    await files.locator('.monaco-list').first().focus();
    await page.keyboard.press('F2');
    await files.locator('.monaco-inputbox input').fill('中文.txt');
    await page.keyboard.press('Enter');
    await page.locator('.monaco-dialog-box .monaco-button', { hasText: 'OK' }).click();
    await until('the labels under the new name', async () => existsSync(join(folder, '中文.ann')));
    await page.locator('.tab.active[data-resource-name="中文.txt"]').waitFor();
    await until('names of labels', async () => /PER.*LOC.*ORG/.test(await screenText(page)));
  },

  'columns and raw text side by side': async ({ page }) => {
    await page.keyboard.press('Control+b');
    await page.setViewportSize({ width: 1200, height: 600 });
    await page.keyboard.press('Control+Backslash');
    await open(page, 'portuguese.conll');
    await until('suggestions', async () => (await names(page)).length > 0);
    await goTo(page, 1);
  },

  'activation time': async ({ page, measured }) => {
    await page.setViewportSize({ width: 1200, height: 750 });
    await run(page, 'View: Join All Editor Groups');
    await page.keyboard.press('Control+b');
    await run(page, 'Developer: Show Running Extensions');
    const row = page.locator('.runtime-extensions-editor .monaco-list-row', { hasText: 'Crosstag' }).first();
    await row.waitFor();
    const text = await row.textContent();
    const [, time] = /Activation: (\d+ms)/.exec(text) ?? [];
    assert(time, `no activation time in: ${text}`);
    measured.push(`Activation: ${time.replace('ms', ' ms')}`);
  },

  'training on a file': async ({ page, folder }) => {
    await open(page, 'hindi.conll');
    // Enough for a model that knows all labels: the steps below wait for its suggestions.
    const sample = await readFile(join(root, 'samples', 'portuguese', 'train.iob2'), 'utf8');
    await writeFile(join(folder, LABELLED), sample.split('\n\n').slice(0, 300).join('\n\n'));
    await train(page, folder);
    await page
      .locator('.notification-toast', { hasText: /Trained in \d+ s.* The model is in use/ })
      .waitFor({ timeout: 120_000 });
    await page.locator('.statusbar-item', { hasText: 'ner/1' }).first().waitFor();
  },

  'a crash of the server': async ({ page, server }) => {
    await open(page, 'hindi.conll');
    const [pid] = execFileSync('pgrep', ['-f', `${server.data}.*dist/server.cjs`], { encoding: 'utf8' })
      .trim()
      .split('\n');
    process.kill(Number(pid), 'SIGKILL');
    await page.locator('.notification-toast', { hasText: 'stopped unexpectedly and was started again' }).waitFor();
    await page.locator('.statusbar-item', { hasText: 'ner/1' }).first().waitFor();
    const marks = page.locator('.view-overlays [class*="TextEditorDecorationType"]');
    const before = await marks.count();
    await goTo(page, 1);
    await page.keyboard.type('पुणे B-LOC');
    // Enter would take a word that the editor proposes.
    await page.keyboard.press('Escape');
    await page.keyboard.press('Enter');
    await until('the new label', async () => (await marks.count()) === before + 1);
    await page.keyboard.press('Control+z');
  },

  ...reviewSteps,

  ...projectSteps,

  ...dashboardSteps,

  'a training whose model a setting keeps out of use': async ({ page, folder }) => {
    const settings = join(folder, '.vscode', 'settings.json');
    await mkdir(dirname(settings), { recursive: true });
    await writeFile(settings, JSON.stringify({ 'crosstag.model': '.crosstag/models/ner/1' }));
    await train(page, folder);
    const told = page.locator('.notification-toast', { hasText: 'It is not in use: the setting crosstag.model names' });
    await told.waitFor({ timeout: 120_000 });
    await told.locator('.monaco-button', { hasText: 'Open Setting' }).click();
    await page.locator('.settings-editor .setting-item-contents', { hasText: 'Crosstag: Model' }).first().waitFor();
    await rm(settings);
  },

  // The last one: its picture takes the focus when it has loaded, whatever is being typed elsewhere.
  'the walkthrough': async ({ page }) => {
    await run(page, 'Welcome: Open Walkthrough...');
    await choose(page, 'Label text while');
    await page.locator('.getting-started-step').nth(6).waitFor();
  },
};
