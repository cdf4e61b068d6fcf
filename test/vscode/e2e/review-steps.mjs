// The review view with keys: sentences of several scripts as lines, and the file behind them byte for byte.
import assert from 'node:assert/strict';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { choices, goTo, names, run, screenText, until } from './keys.mjs';

const TEXT = [
  'زار _\nمحمد _\nالسادس _\nمدينة _\nمراكش _\nأمس _\n. _',
  'አበበ _\nበቂላ _\nአዲስ _\nአበባ _\nኖረ _\n። _',
  'सरोजिनी _\nनायडू _\nहैदराबाद _\nमें _\nरहीं _\n। _',
  '錢鍾書 _\n生於 _\n無錫 _\n。 _',
  '👩‍🏫 _\nAna _\nSilva _\nvive _\nem _\nLisboa _\n! _',
  'O _\npresidente _\nda _\nPetrobras _\nfalou _\nem _\nBrasília _\n. _',
].join('\n\n');

const file = (folder) => join(folder, 'review', 'mixed.conll');
const onDisk = (folder) => readFile(file(folder), 'utf8');

/** Number of the line of the view that starts so; lines are the sentences in some order. */
async function lineWith(page, word) {
  const lines = await page.evaluate(() => {
    const numbers = [...document.querySelectorAll('.margin-view-overlays .line-numbers')];
    return numbers.map((number) => {
      const top = number.parentElement.style.top;
      const line = [...document.querySelectorAll('.view-lines .view-line')].find(({ style }) => style.top === top);
      return [Number(number.textContent), line?.textContent.replaceAll('\u00a0', ' ') ?? ''];
    });
  });
  const found = lines.find(([, text]) => text.includes(word));
  assert(found, `${word} is in none of ${JSON.stringify(lines)}`);
  return found[0];
}

/** Presses the key that gives this label. */
async function pressKeyOf(page, label) {
  await page.keyboard.press('Alt+l');
  const row = (await choices(page)).find((text) => new RegExp(`^\\d ${label}`).test(text));
  await page.keyboard.press('Escape');
  // Until the list has given the focus back, keys are lost.
  await page.locator('.quick-input-widget').waitFor({ state: 'hidden' });
  await page.locator('.monaco-editor.focused').first().waitFor();
  await page.keyboard.press(`Alt+${row[0]}`);
}

export const reviewSteps = {
  'the review view': async ({ page, folder }) => {
    await mkdir(join(folder, 'review'));
    await writeFile(file(folder), `${TEXT}\n\n`);
    const languages = [{ language: 'und', documents: ['review'] }];
    await writeFile(
      join(folder, 'crosstag.json'),
      JSON.stringify({ task: 'ner', languages, learning: { holdout: 0 } }),
    );
    await run(page, 'Crosstag: Review Sentences');
    await page.locator('.tab.active', { hasText: 'Sentences to Review' }).waitFor();
    // Names of suggestions may stand between the words, and blanks be drawn as dots.
    await until('lines', async () => /生於.*無錫/.test(await screenText(page)));
    await until('suggestions', async () => /PER \d+%\?|LOC \d+%\?/.test(await screenText(page)));
    await until('reasons', async () =>
      (await names(page)).some((name) => /^\d+% sure per word.* · mixed\.conll$/.test(name)),
    );
  },

  'a label in the review view, longer, shorter, undone': async ({ page, folder }) => {
    const before = await onDisk(folder);
    const line = await lineWith(page, 'محمد');
    await goTo(page, line, 6);
    await pressKeyOf(page, 'PER');
    await until('the label in the file', async () => /محمد B-PER\nالسادس _/.test(await onDisk(folder)));
    await page.keyboard.press('Alt+Shift+ArrowRight');
    await until('the longer entity', async () => /محمد B-PER\nالسادس I-PER\nمدينة _/.test(await onDisk(folder)));
    await page.keyboard.press('Control+Alt+Shift+ArrowLeft');
    await until('the earlier start', async () => /زار B-PER\nمحمد I-PER/.test(await onDisk(folder)));
    await page.keyboard.press('Control+Alt+Shift+ArrowRight');
    await until('the later start', async () => /زار O\nمحمد B-PER/.test(await onDisk(folder)));
    for (let i = 0; i < 4; i++) await page.keyboard.press('Control+z');
    await until('the bytes of before', async () => (await onDisk(folder)) === before);
    for (let i = 0; i < 2; i++) await page.keyboard.press('Control+y');
    await until('the labels again', async () => /محمد B-PER\nالسادس I-PER\nمدينة _/.test(await onDisk(folder)));
  },

  'labels in five scripts': async ({ page, folder }) => {
    const label = async (text, column, name) => {
      await goTo(page, await lineWith(page, text), column);
      await pressKeyOf(page, name);
    };
    await label('በቂላ', 1, 'PER');
    await until('the first word', async () => /አበበ B-PER\n/.test(await onDisk(folder)));
    await page.keyboard.press('Alt+Shift+ArrowRight');
    await until('Amharic', async () => /አበበ B-PER\nበቂላ I-PER\n/.test(await onDisk(folder)));
    // The entity is selected after that, wherever the cursor has gone meanwhile.
    await page.locator('.statusbar-item', { hasText: '(7 selected)' }).waitFor();
    await label('हैदराबाद', 'सरोजिनी नायडू है'.length, 'LOC');
    await until('Devanagari', async () => /हैदराबाद B-LOC\n/.test(await onDisk(folder)));
    await label('無錫', 9, 'LOC');
    await until('Chinese', async () => /無錫 B-LOC\n/.test(await onDisk(folder)));
  },

  'a search from the review view is one in the project': async ({ page, folder }) => {
    const before = await onDisk(folder);
    await goTo(page, 1);
    await page.keyboard.press('Alt+q');
    await page.locator('.quick-input-widget', { hasText: 'Search tokens in the project' }).waitFor();
    await page.keyboard.press('Escape');
    await page.locator('.quick-input-widget').waitFor({ state: 'hidden' });
    await page.locator('.monaco-editor.focused').first().waitFor();
    assert.equal(await onDisk(folder), before);
  },

  'suggestions accepted and rejected, a sentence done': async ({ page, folder }) => {
    const sentence = async () => (await onDisk(folder)).split('\n\n').find((text) => text.includes('Silva'));
    const isDone = async () => !/ _/.test(await sentence());
    /** What is suggested changes with every label: goes to a suggestion and presses the key until it was there in time. */
    const answer = async (what, key) => {
      const before = await onDisk(folder);
      await until(
        what,
        async () => {
          await page.keyboard.press('Alt+n');
          await page.keyboard.press(key);
          await page.waitForTimeout(500);
          return (await onDisk(folder)) !== before;
        },
        20,
      );
    };
    await goTo(page, 1);
    await answer('an accepted suggestion', 'Alt+Enter');
    await answer('a rejected suggestion', 'Alt+x');
    await goTo(page, await lineWith(page, 'Silva'), 7);
    const open = await onDisk(folder);
    assert(!(await isDone()));
    await page.keyboard.press('Alt+m');
    await until('the sentence to be done', isDone);
    await page.keyboard.press('Control+z');
    await until('undo', async () => (await onDisk(folder)) === open);
    await page.keyboard.press('Control+y');
    await until('redo', isDone);
  },

  'the end of the review': async ({ page, folder }) => {
    await run(page, 'View: Close All Editors');
    await rm(join(folder, 'crosstag.json'));
  },
};
