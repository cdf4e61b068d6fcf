// What cannot be pre-trained on is refused before the work, in one line.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { ALLOCATOR } from '../../../server/encoder/allocator.ts';
import { encoderConfig } from '../../../server/encoder/config.ts';
import { pretrainEncoder } from '../../../server/encoder/index.ts';
import { availableMemory, estimateMemory, requireMemory } from '../../../server/encoder/memory.ts';
import type { PretrainOptions } from '../../../server/encoder/types.ts';
import { requireVectorsMemory } from '../../../server/encoder/vectors/memory.ts';
import { pretrainingFolder } from './small-pretrainings.ts';

const { folder, texts, file, optionsFor } = pretrainingFolder('refused');

describe('what cannot be pre-trained on', () => {
  const refused = (more: Partial<PretrainOptions>, message: RegExp) =>
    expect(pretrainEncoder(optionsFor('refused', more))).rejects.toThrow(message);

  it('is refused in one line that names file and remedy', async () => {
    const [pt, wo] = texts as [PretrainOptions['texts'][0], PretrainOptions['texts'][0]];
    const with_ = (path: string) => ({ texts: [pt, { language: 'wo', path }] });
    await refused(with_(file('empty.txt', '')), /empty\.txt.*holds no word; give a text with one sentence on a line/);
    await refused(with_(file('line.txt', 'one two '.repeat(900))), /line\.txt.*is one line of 1800 words/);
    await refused(with_(file('bytes.txt', Buffer.from('ok ok ok\nbad \xff\xfe bad\n', 'latin1'))), /bytes\.txt:2/);
    await refused(with_('-'), /^<stdin>: a text cannot come from stdin; it is read more than once: write it to a file/);
    await refused(with_(join(folder, 'nowhere.txt')), /nowhere\.txt.*no such file/);
    await refused({ texts: [pt] }, /one language alone/);
    await refused({ texts: [pt, { ...wo, language: 'pt' }] }, /has a text already/);
    await refused({ texts: [pt, { ...wo, language: '../x' }] }, /is no language tag/);
    const apart = file('apart.txt', 'ሰላም ለሁሉም ሰው ይሁን\nአንድ ሁለት ሦስት አራት\n'.repeat(20));
    await refused({ ...with_(apart), template: 'iden_avl' }, /apart\.txt.*no word in common; give a word list/);
    await refused({ ...with_(apart), template: 'emb_iden' }, /apart\.txt.*no word in common; give a word list/);
    const third = { texts: [pt, wo, { language: 'am', path: apart }], template: 'emb_iden' } as const;
    const list = file('list.txt', 'de ci\n');
    const pairs = [{ languages: ['pt', 'wo'], list }] as const;
    await refused({ ...third, pairs }, /apart\.txt.* pt and am have no word in common; give a word list of them/);
    await refused(
      { pairs: [{ languages: ['pt', 'am'], list }] },
      /list\.txt.*of pt and am; give one of two of pt, wo$/,
    );
    const turned = { languages: ['wo', 'pt'], list } as const;
    await refused({ pairs: [...pairs, turned] }, /list\.txt.*a word list of wo and pt already; write both into one/);
    const again = file('again.txt', 'ba beneen yoon\n'.repeat(50));
    await refused(with_(again), /again\.txt.*corpus of wo has too few different sentences.*; give a longer text/);
    await refused(
      { template: 'layer_mv', alignment: { distance: 'cosine' } },
      /^alignment: distance is of no use where linkage is 0; give linkage a weight too, or leave it out$/,
    );
    await refused({ template: 'winit_layer_avl' }, /starts from given vectors; give them with --vectors/);
    const narrow = [{ language: 'pt', path: file('narrow.vec', '1 3\nde 1 2 3\n') }];
    await refused({ template: 'winit_layer_avl', vectors: narrow }, /narrow\.vec.*3.*16/);
    await refused({ template: 'none', pairs }, /list\.txt.*none aligns nothing; leave out the word list/);
    const alien = [{ languages: ['pt', 'wo'], list: file('alien.txt', 'xyzzy plugh\n') }] as const;
    await refused({ pairs: alien }, /alien\.txt.*none of its 1 pairs.*, or name the texts in the order of the list$/);
    expect(readdirSync(folder).filter((name) => name.includes('refused'))).toEqual([]);
  });

  it('never replaces a folder of something else', async () => {
    mkdirSync(join(folder, 'precious'));
    writeFileSync(join(folder, 'precious', 'thesis.txt'), 'years of work');
    await expect(pretrainEncoder(optionsFor('precious'))).rejects.toThrow(/something else than an encoder/);
    expect(readFileSync(join(folder, 'precious', 'thesis.txt'), 'utf8')).toBe('years of work');
  });

  it('is said before the work where the memory is too small, with a size that fits', () => {
    const paper = encoderConfig('paper', 'layer_avl', false);
    const sizes = [200_000, 200_000];
    // Measured (docs/benchmarks.md; tiny and small with six of their lengths, the rest of them added), and corpora of a
    // million sentences each; the bar is 6 GiB
    const corpora = 2 * 1_000_000 * 25 * 4;
    const measured = { tiny: 0.95e9, small: 1.37e9, paper: 5.41e9 };
    for (const [size, bytes] of Object.entries(measured)) {
      const config = encoderConfig(size as keyof typeof measured, 'layer_avl', false);
      const ratio = estimateMemory(config, [config.vocabulary, config.vocabulary]) / (bytes + corpora);
      expect(Math.abs(ratio - 1), size).toBeLessThan(0.15);
    }
    expect(estimateMemory(paper, sizes)).toBeLessThan(6 * 2 ** 30);
    expect(() => requireMemory(paper, sizes, 'paper', 0, 3e9)).toThrow(
      /paper needs about .* GB .* has 3\.0 GB; take the size small/,
    );
    expect(() => requireMemory(paper, sizes, 'paper', 0, 1e9)).toThrow(/train on a machine with more memory/);
    expect(requireMemory(paper, sizes, 'paper', 0, 64e9, 32e9).isFree).toBe(true);
    expect(requireMemory(paper, sizes, 'paper', 0, 64e9, 3e9)).toEqual({
      isFree: false,
      need: expect.stringMatching(
        /^the size paper needs up to about .* GB .* only 3\.0 GB are free now: end other programs/,
      ),
    });
  });

  it('says what counting a large text takes, too', () => {
    const tiny = encoderConfig('tiny', 'layer_avl', false);
    const need = (text: number) => requireMemory(tiny, [30_000, 30_000], 'tiny', text, 64e9, 32e9).need;
    expect(need(20e6)).toBe(need(0));
    expect(need(20e9)).toMatch(/^counting the words of so large a text needs up to about 1\.8 GB of memory$/);
    expect(() => requireMemory(tiny, [30_000, 30_000], 'tiny', 20e9, 1.5e9)).toThrow(
      /counting the words of so large a text needs about 1\.8 GB .* has 1\.5 GB; train on a part of the largest text/,
    );
  });

  it('says what making vectors takes', () => {
    const need = (dimension: number, text: number) =>
      requireVectorsMemory({ most: 200_000, dimension }, text, 4e9, 2e9);
    expect(need(128, 20e6)).toEqual({ need: 'making the vectors needs up to about 1.8 GB of memory', isFree: true });
    expect(need(300, 20e9).need).toMatch(/^making the vectors .* 2\.6 GB .* only 2\.0 GB are free now/);
    expect(() => need(1024, 20e6)).toThrow(
      'making the vectors needs about 6.1 GB of memory, and this machine has 4.0 GB; take fewer words (--most) or numbers',
    );
    expect(() => requireVectorsMemory({ most: 1000, dimension: 16 }, 20e9, 1.5e9)).toThrow(
      /counting the words of so large a text needs about 1\.8 GB .*; make them from a part of the larger text/,
    );
  });

  it.skipIf(process.platform !== 'linux')('says how the C library is told to give memory back, where it is not', () => {
    const [setting] = Object.keys(ALLOCATOR) as [string];
    const paper = encoderConfig('paper', 'layer_avl', false);
    const need = (available: number) => requireMemory(paper, [200_000, 200_000], 'paper', 0, available, 32e9).need;
    try {
      vi.stubEnv(setting, undefined);
      expect(need(64e9)).toMatch(
        /^the size paper needs .* of memory \(6\.2 with MALLOC_MMAP_THRESHOLD_=4194304 before the/,
      );
      expect(() => need(7e9)).toThrow(
        /needs about 7\.9 GB .* has 7\.0 GB; write MALLOC_\S+ before the command: 6\.2 GB are/,
      );
      vi.stubEnv(setting, ALLOCATOR.MALLOC_MMAP_THRESHOLD_);
      expect(need(7e9)).toMatch(/^the size paper needs up to about 6\.2 GB of memory$/);
    } finally {
      vi.unstubAllEnvs();
    }
  });

  it('has no more memory than its container', () => {
    const limit = vi.spyOn(process, 'constrainedMemory');
    try {
      limit.mockReturnValue(1e9);
      const paper = encoderConfig('paper', 'layer_avl', false);
      expect(() => requireMemory(paper, [200_000, 200_000], 'paper')).toThrow(/has 1\.0 GB/);
      // What Node says where there is no limit: nothing, or more than any machine has.
      for (const none of [0, 2 ** 64]) {
        limit.mockReturnValue(none);
        expect(availableMemory()).toBe(totalmem());
      }
    } finally {
      limit.mockRestore();
    }
  });
});
