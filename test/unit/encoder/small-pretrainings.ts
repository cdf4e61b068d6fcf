// Small pre-trainings on two corpora of real text, which are made from the samples: one sentence a line.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect } from 'vitest';
import { pretrainEncoder } from '../../../server/encoder/index.ts';
import type { PretrainOptions } from '../../../server/encoder/types.ts';
import { detectFormat, parseDocument } from '../../../server/text/index.ts';

function textOf(path: string, sentences: number): string {
  const text = readFileSync(path, 'utf8');
  const document = parseDocument(text, { format: detectFormat(path, text) });
  const lines = document.sentences
    .filter(({ tokens }) => tokens.length > 0)
    .slice(0, sentences)
    .map(({ tokens }) => tokens.map(({ form }) => form).join(' '));
  return `${lines.join('\n')}\n`;
}

/** Portuguese and Wolof sentences as `pt.txt` and `wo.txt` in a folder. */
export function writeCorpora(folder: string, sentences = 600): PretrainOptions['texts'] {
  const sources = { pt: 'samples/portuguese/train.iob2', wo: 'samples/wolof/train.conllu' };
  return Object.entries(sources).map(([language, source]) => {
    const path = join(folder, `${language}.txt`);
    writeFileSync(path, textOf(source, sentences));
    return { language, path };
  });
}

/** A pre-training of seconds. */
export function smallPretraining(texts: PretrainOptions['texts'], out: string): PretrainOptions {
  return {
    ...{ texts, out, template: 'layer_avl', size: 'tiny', limits: { steps: 12 }, threads: 1 },
    config: {
      ...{ layers: 1, hidden: 16, filter: 32, heads: 2, vocabulary: 400, negatives: 64, batchWords: 128 },
      ...{ maxLength: 40, warmup: 10, learningRate: 1e-2 },
    },
  };
}

/** A folder for the pre-trainings of a test file, with both corpora in it; it is removed after the tests. */
export function pretrainingFolder(name: string) {
  const folder = mkdtempSync(join(tmpdir(), `crosstag-${name}-`));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const texts = writeCorpora(folder);
  const file = (path: string, content: string | Uint8Array) => {
    writeFileSync(join(folder, path), content);
    return join(folder, path);
  };
  const optionsFor = (out: string, more: Partial<PretrainOptions> = {}): PretrainOptions => ({
    ...smallPretraining(texts, join(folder, out)),
    ...more,
  });
  return { folder, texts, file, optionsFor };
}

/** Stops a pre-training when it has done so many steps. */
export async function interrupt(options: PretrainOptions, steps: number): Promise<void> {
  const controller = new AbortController();
  const progress = ({ step }: { step: number }) => step >= steps && controller.abort();
  await expect(pretrainEncoder({ ...options, signal: controller.signal, progress })).rejects.toThrow();
}
