// What a person does in the workbench, and what can be read from its screen.
import { basename } from 'node:path';

const DECORATED = '.view-overlays [class*="TextEditorDecorationType"]';
const INPUT = '.quick-input-widget input.input';
const ROWS = '.quick-input-list .monaco-list-row';
/** The row that Enter takes: until the list is filtered, another one. */
const CHOSEN = `${ROWS}.focused`;

/**
 * Presses a key that opens the input and fills it, until the row that it asks for is there: a page that is loading swallows
 * keys, and one that takes the focus closes the input again.
 */
async function ask(page, key, text, row) {
  const input = page.locator(INPUT);
  await until(
    `the input with ${text}`,
    async () => {
      try {
        await page.keyboard.press(key);
        await input.waitFor({ timeout: 2000 });
        await input.fill(text, { timeout: 2000 });
        if (row !== undefined) await page.locator(CHOSEN, { hasText: row }).waitFor({ timeout: 5000 });
        return true;
      } catch {
        return false;
      }
    },
    15,
  );
}

/** Opens a file by its name. */
export async function find(page, name) {
  await ask(page, 'Control+p', name, name);
  await page.keyboard.press('Enter');
  await page.locator(`.tab.active[data-resource-name="${name}"]`).waitFor();
}

/** Opens a file by its name and waits for its decorations. */
export async function open(page, name) {
  await find(page, name);
  await page.locator(DECORATED).first().waitFor({ state: 'attached' });
}

export async function goTo(page, line, column = 1) {
  await ask(page, 'Control+g', `:${line}:${column}`);
  await page.keyboard.press('Enter');
  await page.locator(INPUT).waitFor({ state: 'hidden' });
}

/** Runs a command by its title. */
export async function run(page, title) {
  await ask(page, 'F1', `>${title}`, title.replace(/^.*: /, ''));
  await page.keyboard.press('Enter');
}

/** Answers the open question with the first choice that `text` leaves. */
export async function choose(page, text) {
  await page.locator(INPUT).fill(text);
  await page.locator(CHOSEN, { hasText: text }).waitFor();
  await page.keyboard.press('Enter');
}

/** Waits for the question with this title and answers it. */
export async function pick(page, title, text) {
  // Several questions share one widget: what is typed between two of them would go into the editor.
  await page.locator('.quick-input-title', { hasText: title }).waitFor();
  await choose(page, text);
}

/** Answers the file dialog with this title. */
export async function pickFile(page, title, path) {
  await page.locator('.quick-input-title', { hasText: title }).waitFor();
  // Once the folder is listed, the dialog no longer writes into its own input.
  const row = page.locator(ROWS, { hasText: basename(path) }).first();
  await row.waitFor();
  await page.locator(INPUT).fill(path);
  // A path that is complete has a row, but none that is chosen.
  await row.waitFor();
  await page.keyboard.press('Enter');
}

/** Waits for the list that a command of ours asks in. */
export async function choices(page) {
  await page.locator(ROWS).nth(1).waitFor();
  return page.locator(ROWS).allTextContents();
}

/** Text of a line of the file that is on the screen; empty where it is not. */
export function lineText(page, number) {
  return page.evaluate((wanted) => {
    const numbers = [...document.querySelectorAll('.margin-view-overlays .line-numbers')];
    const top = numbers.find(({ textContent }) => textContent === String(wanted))?.parentElement.style.top;
    const line = [...document.querySelectorAll('.view-lines .view-line')].find(({ style }) => style.top === top);
    return line?.textContent.replaceAll('\u00a0', ' ') ?? '';
  }, number);
}

/** All text on the screen of the editor, from top to bottom, names between the words included. */
export function screenText(page) {
  return page.evaluate(() =>
    [...document.querySelectorAll('.view-lines .view-line')]
      .sort((a, b) => Number.parseInt(a.style.top, 10) - Number.parseInt(b.style.top, 10))
      .map(({ textContent }) => textContent.replaceAll('\u00a0', ' '))
      .join(''),
  );
}

/** Names behind the lines: the content of pseudo-elements, read from the style. */
export async function names(page) {
  return page.evaluate(() =>
    [...document.querySelectorAll('.view-lines span[class*="TextEditorDecorationType"]')]
      .map((span) => getComputedStyle(span, '::after').content)
      .filter((content) => content !== 'none')
      .map((content) => content.replaceAll(/["\u2066\u2069]/g, '')),
  );
}

/** Waits until `probe` gives something true, asking `tries` times. */
export async function until(what, probe, tries = 400) {
  for (let i = 0; i < tries; i++) {
    const value = await probe();
    if (value) return value;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`waited in vain for ${what}`);
}

/** The frame of a webview that holds so many elements at least; waits for it. */
export function frameWith(page, what, selector, least) {
  return until(what, async () => {
    for (const frame of page.frames()) {
      const found = await frame
        .locator(selector)
        .count()
        .catch(() => 0);
      if (found >= least) return frame;
    }
    return undefined;
  });
}
