import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { COLOURS, colourOf } from '../../../extension/colours.ts';
import { extension } from './support.ts';

interface Step {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly media: { readonly svg: string; readonly altText: string };
}

describe('the manifest', () => {
  const read = (path: string) => readFile(join(extension().extensionPath, path), 'utf8');

  it('has a walkthrough whose pictures and commands exist', async () => {
    const { walkthroughs, commands } = extension().packageJSON.contributes;
    const known = new Set(commands.map(({ command }: { command: string }) => command));
    const steps: Step[] = walkthroughs[0].steps;
    assert.equal(steps.length, 7);
    for (const { media, title, description } of steps) {
      assert.match(await read(media.svg), /^<svg /);
      assert(title && media.altText);
      for (const [, command] of description.matchAll(/\(command:(crosstag\.\w+)/g)) assert(known.has(command), command);
    }
  });

  it('names every text in package.nls.json, and names none that is not used', async () => {
    const used = new Set([...(await read('package.json')).matchAll(/"%([\w.]+)%"/g)].map(([, key]) => key));
    assert.deepEqual(Object.keys(JSON.parse(await read('package.nls.json'))).sort(), [...used].sort());
  });

  it('contributes every colour that a label can get', () => {
    const ids = new Set(extension().packageJSON.contributes.colors.map(({ id }: { id: string }) => id));
    for (let colour = 1; colour <= COLOURS; colour++) {
      assert(ids.has(`crosstag.label${colour}`) && ids.has(`crosstag.label${colour}Background`));
    }
    for (const label of ['PER', 'NOUN', 'Läkemedel', '疾病', '💊'])
      assert(colourOf(label) >= 1 && colourOf(label) <= COLOURS);
  });

  it('lets text of any script be seen as it is, with the names of its labels', () => {
    for (const languageId of ['conll', 'conllu', 'crosstag-review', 'jsonl', 'plaintext']) {
      const editor = vscode.workspace.getConfiguration('editor', { languageId });
      // Joiners of Persian and of Indic scripts are invisible, letters of one script look like those of another.
      assert.equal(editor.get('unicodeHighlight.invisibleCharacters'), false, languageId);
      assert.equal(editor.get('unicodeHighlight.ambiguousCharacters'), false, languageId);
      // Whoever has switched hints off for code still sees more of a label than its colour.
      const isNamed = ['conll', 'conllu'].includes(languageId) || editor.inspect('inlayHints.enabled');
      assert(isNamed === true || isNamed?.defaultLanguageValue === 'on', languageId);
    }
  });

  it('tells untrusted workspaces what works there', () => {
    const { untrustedWorkspaces } = extension().packageJSON.capabilities;
    assert.equal(untrustedWorkspaces.supported, 'limited');
    assert(untrustedWorkspaces.restrictedConfigurations.includes('crosstag.model'));
  });
});
