// The dashboard in the real workbench: what it shows, its keys, what a screen reader hears, and that it keeps up.
import assert from 'node:assert/strict';
import { appendFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { frameWith, open, run } from './keys.mjs';

/** A retraining after so many labelled tokens, as a line of the history. */
function retraining(version, tokens, score, more = {}) {
  const type = { precision: score, recall: score, f1: score, gold: 90, predicted: 88, correct: 60 };
  const measured = {
    ...{ score, precision: score, recall: score, accuracy: 94, sentences: 40, tokens: 900 },
    types: { LOC: type, منظمة: type },
    confusion: {
      labels: ['LOC', 'O', 'منظمة'],
      counts: [
        [60, 4, 2],
        [3, 700, 5],
        [9, 1, 41],
      ],
    },
  };
  const entry = {
    ...{ date: `2026-11-0${version}T10:00:00.000Z`, task: 'ner', model: `ner/${version}`, start: 'warm' },
    counts: { sentences: 100, tokens, human: tokens, source: 1000, heldOut: 40 },
    ...{ holdout: { old: measured, new: measured }, source: { old: 85, new: 85 - version / 5 }, kappa: 0.95 },
    ...{ accepted: true, reason: 'not worse on the hold-out', seconds: 30, ...more },
  };
  return `${JSON.stringify(entry)}\n`;
}

/** What the browser has refused to load, run or style in a webview. */
const refused = [];

const dashboard = (page) => frameWith(page, 'the dashboard', '#retrainings, canvas', 4);

const focused = (frame) => frame.evaluate(() => document.activeElement?.id ?? '');

export const dashboardSteps = {
  'the dashboard': async ({ page, folder }) => {
    page.on('console', (message) => {
      if (/Content Security Policy/.test(message.text()) && /webview/.test(message.location().url)) {
        refused.push(message.text());
      }
    });
    const path = join(folder, 'crosstag.json');
    const project = JSON.parse(await readFile(path, 'utf8').catch(() => '{"task":"ner","languages":[]}'));
    const languages = [...project.languages, { language: 'ar', documents: ['arabic.conll', 'arabic.txt'] }];
    await writeFile(path, JSON.stringify({ ...project, languages }));
    await mkdir(join(folder, '.crosstag', 'learning'), { recursive: true });
    const history = [retraining(1, 900, 55), retraining(2, 2100, 62), retraining(3, 3300, 60, { accepted: false })];
    await writeFile(join(folder, '.crosstag', 'learning', 'history.jsonl'), history.join(''));
    await open(page, 'arabic.conll');
    await run(page, 'Crosstag: Show Dashboard');
    await page.locator('.tab.active', { hasText: 'Dashboard: ' }).waitFor();
    const frame = await dashboard(page);
    assert.equal(await frame.locator('canvas').count(), 3);
    assert.match(await frame.locator('#verdict').textContent(), /^More labels still pay\./);
    assert.match(await frame.locator('#confusion tbody').textContent(), /منظمة/);
    const background = await frame.locator('#confusion .right').first();
    assert.notEqual(await background.evaluate((cell) => getComputedStyle(cell).backgroundColor), 'rgba(0, 0, 0, 0)');
    assert.deepEqual(refused, []);
  },

  'the dashboard by keyboard and aloud': async ({ page }) => {
    const frame = await dashboard(page);
    const all = await frame.evaluate(() =>
      Array.from(document.querySelectorAll('summary, [tabindex="0"]'))
        .filter((element) => element.matches('summary') || element.closest('details:not([open])') === null)
        .map(({ id }) => id),
    );
    assert(all.length >= 7 && all.every((id) => id !== ''));
    await frame.locator(`#${all[0]}`).focus();
    for (const [i, id] of all.entries()) {
      if (i > 0) await page.keyboard.press('Tab');
      assert.equal(await focused(frame), id);
    }
    await frame.locator('#unfold-0').focus();
    await page.keyboard.press('Enter');
    await frame.locator('#scroll-0 table').waitFor();
    const heard = await frame.locator('main').ariaSnapshot();
    for (const part of [
      'heading "Does it pay?" [level=2]',
      'img "Learning curve on the hold-out (F1, %)"',
      'table "Confusion matrix: tokens by what people said (rows) and what the model said (columns)"',
      'rowheader "منظمة"',
      'columnheader "Precision"',
    ]) {
      assert(heard.includes(part), `${part} is not among:\n${heard}`);
    }
  },

  'the dashboard keeps up': async ({ page, folder }) => {
    const frame = await dashboard(page);
    await frame.locator('#types').focus();
    await frame.evaluate(() => document.querySelector('#types').scrollIntoView());
    const place = () => frame.evaluate(() => Math.round(document.querySelector('#types').getBoundingClientRect().top));
    const before = await place();
    const line = retraining(4, 5200, 68, { kappa: 0.999 });
    await appendFile(join(folder, '.crosstag', 'learning', 'history.jsonl'), line);
    await frame.locator('#retraining-table tbody tr', { hasText: 'ner/4' }).waitFor();
    assert.equal(await frame.locator('canvas').count(), 3);
    assert.equal(await focused(frame), 'types');
    assert.equal(await place(), before);
    assert(await frame.locator('#numbers-0[open]').isVisible());
  },

  'the dashboard is as it was when it is looked at again': async ({ page }) => {
    await open(page, 'arabic.conll');
    await run(page, 'Crosstag: Show Dashboard');
    const frame = await dashboard(page);
    await frame.locator('#retraining-table tbody tr', { hasText: 'ner/4' }).waitFor();
    assert(await frame.locator('#numbers-0[open]').isVisible());
    await frame.evaluate(() => scrollTo(0, 0));
    assert.deepEqual(refused, []);
  },

  'the dashboard after the window was loaded again': async ({ page }) => {
    // A page that is merely loaded again may not have time to keep its tabs and what their pages remember.
    const loaded = page.waitForEvent('domcontentloaded', { timeout: 60_000 });
    await run(page, 'Developer: Reload Window');
    await loaded;
    // It may not have kept which tab was the active one.
    await page.locator('.tab', { hasText: 'Dashboard: ' }).click({ timeout: 60_000 });
    const frame = await dashboard(page);
    await frame.locator('#retraining-table tbody tr', { hasText: 'ner/4' }).waitFor();
    assert.deepEqual(refused, []);
  },

  'the dashboard in high contrast': async ({ page, folder }) => {
    await mkdir(join(folder, '.vscode'), { recursive: true });
    const settings = JSON.stringify({ 'workbench.colorTheme': 'Default High Contrast' });
    await writeFile(join(folder, '.vscode', 'settings.json'), settings);
    await page.locator('.monaco-workbench.hc-black').waitFor();
    const frame = await dashboard(page);
    await frame.locator('body.vscode-high-contrast').waitFor();
    await frame.evaluate(() => document.querySelector('#types').scrollIntoView());
    const right = frame.locator('#confusion .right').first();
    assert.equal(await right.evaluate((cell) => getComputedStyle(cell).outlineStyle), 'solid');
  },

  'the dashboard in the theme of before': async ({ page, folder }) => {
    await rm(join(folder, '.vscode'), { recursive: true });
    await page.locator('.monaco-workbench.hc-black').waitFor({ state: 'detached' });
    const frame = await dashboard(page);
    await frame.evaluate(() => document.querySelector('#labels').scrollIntoView());
  },
};
