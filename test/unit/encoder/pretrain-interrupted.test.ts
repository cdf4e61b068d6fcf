// A pre-training that is interrupted, or whose disk fails: nothing that was learnt or counted is lost, and it goes on as if nothing had been.
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { pretrainEncoder } from '../../../server/encoder/index.ts';
import type { PretrainOptions, PretrainProgress } from '../../../server/encoder/types.ts';
import { tinyDisk } from '../tiny-disk.ts';
import { interrupt, pretrainingFolder } from './small-pretrainings.ts';

const { folder, texts, optionsFor } = pretrainingFolder('pretrain-interrupted');
/** Room for the encoders of this file, and not for their checkpoints, which are three times as large. */
const disk = tinyDisk(folder, 160);
const weightsOf = (out: string) => readFileSync(join(folder, out, 'weights.safetensors'));
/** The log of an encoder without its times. */
const logOf = (out: string) =>
  readFileSync(join(folder, out, 'log.jsonl'), 'utf8').replace(/"seconds":[\d.]+/g, '"seconds":0');

/** A clock that goes on by itself and by what it is given, in milliseconds. */
function movedClock(): (milliseconds: number) => void {
  const now = performance.now.bind(performance);
  let ahead = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => now() + ahead);
  return (milliseconds) => {
    ahead += milliseconds;
  };
}

afterEach(() => vi.restoreAllMocks());

describe('an interrupted pre-training', () => {
  it('gives the same weights and log, bit for bit, with and without interruptions, and with the same seed', async () => {
    const straight = await pretrainEncoder(optionsFor('straight'));
    expect(straight.resumed).toBe(false);
    const options = optionsFor('interrupted');
    await interrupt(options, 3);
    await interrupt(options, 8);
    expect(readdirSync(folder)).toContain('interrupted.training');
    expect(readdirSync(folder)).not.toContain('interrupted');
    const report = await pretrainEncoder(options);
    expect(report.resumed).toBe(true);
    expect(report.words).toBe(straight.words);
    expect(weightsOf('interrupted').equals(weightsOf('straight'))).toBe(true);
    expect(logOf('interrupted')).toBe(logOf('straight'));
    expect(readdirSync(folder)).not.toContain('interrupted.training');
    await pretrainEncoder(optionsFor('other-seed', { seed: 2 }));
    expect(weightsOf('other-seed').equals(weightsOf('straight'))).toBe(false);
  });

  it('measures and logs the same where it was interrupted while it measured', async () => {
    const short = { layers: 1, hidden: 8, filter: 8, heads: 1, vocabulary: 50, negatives: 8, batchWords: 40 };
    const optionsOf = (out: string) => {
      const options = optionsFor(out, { limits: { steps: 1050 } });
      return { ...options, config: { ...options.config, ...short, maxLength: 20 } };
    };
    const straight = await pretrainEncoder(optionsOf('measured'));
    const options = optionsOf('unmeasured');
    for (const at of [1000, 1050]) {
      const controller = new AbortController();
      const progress = ({ step, phase }: PretrainProgress) => step === at && phase === 'evaluate' && controller.abort();
      await expect(pretrainEncoder({ ...options, signal: controller.signal, progress })).rejects.toThrow();
    }
    expect((await pretrainEncoder(options)).perplexity).toEqual(straight.perplexity);
    expect(logOf('unmeasured')).toBe(logOf('measured'));
  });

  it('does not count large texts again: what took minutes is kept before the first step', async () => {
    const options = optionsFor('kept');
    const clock = vi.spyOn(performance, 'now');
    const now = performance.now();
    try {
      // As if the counting took an hour, and the process died in the first step
      const progress = ({ phase }: PretrainProgress) => {
        if (phase === 'read') clock.mockImplementation(() => now + 3.6e6);
        if (phase === 'train') throw new Error('killed');
      };
      await expect(pretrainEncoder({ ...options, progress })).rejects.toThrow('killed');
    } finally {
      clock.mockRestore();
    }
    const told: PretrainProgress['phase'][] = [];
    const report = await pretrainEncoder({ ...options, progress: ({ phase }) => void told.push(phase) });
    expect([report.resumed, told.includes('vocabulary')]).toEqual([true, false]);
    expect(weightsOf('kept').equals(weightsOf('straight'))).toBe(true);
  });

  it('counts no long text again that was counted when it was interrupted', async () => {
    const forward = movedClock();
    const options = optionsFor('counting');
    const counts = async (more: Partial<PretrainOptions>) => {
      const told: number[] = [];
      const progress = (now: PretrainProgress) => {
        if (now.phase === 'vocabulary') told.push(now.counted);
        forward(20_000);
        more.progress?.(now);
      };
      await pretrainEncoder({ ...options, ...more, progress }).catch((error: Error) =>
        expect(error.name).toBe('AbortError'),
      );
      return told;
    };
    // Each corpus is one block, after which its count is told
    const controller = new AbortController();
    const stop = ({ phase, counted }: PretrainProgress) => phase === 'vocabulary' && counted > 0 && controller.abort();
    expect(await counts({ signal: controller.signal, progress: stop })).toHaveLength(1);
    expect(readdirSync(folder).filter((name) => name.startsWith('counting'))).toEqual(['counting.pt.unfinished']);
    utimesSync(texts[1]!.path, new Date(), new Date());
    expect(await counts({})).toEqual([1]);
    expect(weightsOf('counting').equals(weightsOf('straight'))).toBe(true);
    expect(readdirSync(folder).filter((name) => name.startsWith('counting'))).toEqual(['counting']);
  });

  it.skipIf(disk === undefined)('goes on where no checkpoint fits on the disk, and says so once', async () => {
    const options = optionsFor(join('tiny', 'out'));
    const forward = movedClock();
    const warnings: string[] = [];
    // Every other step a checkpoint is due
    await pretrainEncoder({ ...options, progress: () => forward(100_000), warn: (message) => warnings.push(message) });
    expect(warnings.filter((warning) => warning.includes('the disk is full'))).toEqual([
      expect.stringMatching(/out\.training: .*; training goes on without this checkpoint, and tries again later$/),
    ]);
    expect(weightsOf(join('tiny', 'out')).equals(weightsOf('straight'))).toBe(true);
  });

  it('keeps all that was learnt where the encoder cannot be written', async () => {
    const options = optionsFor('taken');
    const progress = ({ phase }: PretrainProgress) => {
      if (phase !== 'save') return;
      mkdirSync(options.out);
      writeFileSync(join(options.out, 'thesis.txt'), 'years of work');
    };
    await expect(pretrainEncoder({ ...options, progress })).rejects.toThrow(/something else than an encoder/);
    rmSync(options.out, { recursive: true });
    expect((await pretrainEncoder({ ...options, limits: { steps: 12 } })).resumed).toBe(true);
    expect(weightsOf('taken').equals(weightsOf('straight'))).toBe(true);
  });

  it('goes on with copies of its texts that lie elsewhere', async () => {
    const options = optionsFor('moved');
    await interrupt(options, 5);
    const moved = mkdtempSync(join(folder, 'elsewhere-'));
    const copies = options.texts.map(({ language, path }) => {
      const copy = join(moved, basename(path));
      copyFileSync(path, copy);
      utimesSync(copy, new Date(1e9), new Date(1e9));
      return { language, path: copy };
    });
    expect((await pretrainEncoder({ ...options, texts: copies })).resumed).toBe(true);
    expect(weightsOf('moved').equals(weightsOf('straight'))).toBe(true);
  });

  it('does not throw away an unfinished pre-training with other settings', async () => {
    const options = optionsFor('unfinished');
    await interrupt(options, 3);
    const other = { ...options, seed: 5 };
    await expect(pretrainEncoder(other)).rejects.toThrow(
      /unfinished pre-training with other settings is there \(3 steps; different: seed\); .* remove this folder/,
    );
    expect((await pretrainEncoder(options)).resumed).toBe(true);
  });

  it('becomes an encoder when that is asked for, also where a text has changed since', async () => {
    const text = join(folder, 'changing.txt');
    copyFileSync(texts[1]!.path, text);
    const options = optionsFor('finished', { texts: [texts[0]!, { ...texts[1]!, path: text }] });
    await expect(pretrainEncoder({ ...options, finish: true })).rejects.toThrow(
      /finished: no pre-training is begun there that could be finished; leave out --finish/,
    );
    await interrupt(options, 3);
    writeFileSync(text, `${readFileSync(text, 'utf8')}benn bés la woon\n`);
    await expect(pretrainEncoder(options)).rejects.toThrow(
      /changing\.txt: the corpus has changed since .* or end the training with what it has learnt \(--finish; in the ed/,
    );
    const notes: string[] = [];
    const report = await pretrainEncoder({ ...options, finish: true, note: (text) => notes.push(text) });
    expect(report).toMatchObject({ steps: 3, resumed: true, stopped: 'finish' });
    expect(Object.keys(report.perplexity)).toEqual(['pt', 'wo']);
    expect(notes.filter((note) => note.includes('all that is asked for'))).toEqual([]);
    expect(readdirSync(folder).filter((name) => name.startsWith('finished'))).toEqual(['finished']);
    const warnings: string[] = [];
    const further = {
      ...options,
      from: options.out,
      limits: { steps: 2 },
      warn: (text: string) => warnings.push(text),
    };
    expect((await pretrainEncoder(further)).steps).toBe(5);
    expect(warnings).toContainEqual(expect.stringMatching(/^the texts are not those that the encoder was trained on/));
  });

  it('that has had enough ends at once, and says so', async () => {
    const options = optionsFor('enough');
    await interrupt(options, 4);
    const notes: string[] = [];
    await pretrainEncoder({ ...options, limits: { steps: 2 }, note: (text) => notes.push(text) });
    expect(notes).toContain(
      'what was begun has had 4 steps in 0 min, which is all that is asked for: the encoder is written',
    );
  });

  it('that is not wanted any more stays until the next one has a checkpoint, and is not thrown away twice', async () => {
    const options = optionsFor('unwanted');
    await interrupt(options, 3);
    const head = () => JSON.parse(readFileSync(join(folder, 'unwanted.training', 'training.json'), 'utf8'));
    const { seconds } = head().position;
    const other = { ...options, seed: 7, discard: seconds };
    await expect(pretrainEncoder({ ...other, alignment: { distance: 'cosine', linkage: 0 } })).rejects.toThrow();
    expect(head().position.seconds).toBe(seconds);
    await interrupt(other, 2);
    expect(head()).toMatchObject({ settings: { seed: '7' }, position: { step: 2 } });
    // A request that is sent again after its process died finds what it has begun itself
    expect((await pretrainEncoder(other)).resumed).toBe(true);
  });

  it('goes on where a discriminator is timed by steps that an older checkpoint does not say', async () => {
    const timed = optionsFor('timed', { alignment: { adversarial: 0.5 }, limits: { steps: 8 } });
    await interrupt(timed, 3);
    await expect(pretrainEncoder({ ...timed, limits: { steps: 6 } })).rejects.toThrow(
      'different: steps of the discrim',
    );
    const path = join(folder, 'timed.training', 'training.json');
    const head = JSON.parse(readFileSync(path, 'utf8'));
    delete head.settings['steps of the discriminator'];
    writeFileSync(path, JSON.stringify(head));
    expect((await pretrainEncoder({ ...timed, limits: { steps: 6 } })).steps).toBe(6);
    // Whoever ends it needs none
    await interrupt(timed, 3);
    expect((await pretrainEncoder({ ...timed, limits: { steps: 6 }, finish: true })).steps).toBe(3);
  });

  it('does not count the hours that the machine slept', async () => {
    const options = optionsFor('asleep', { limits: { minutes: 60 } });
    const advance = movedClock();
    const controller = new AbortController();
    const progress = ({ step }: PretrainProgress) => {
      if (step === 2) advance(8 * 3_600_000);
      if (step === 4) controller.abort();
    };
    await expect(pretrainEncoder({ ...options, progress, signal: controller.signal })).rejects.toThrow(/abort/);
    const { position } = JSON.parse(readFileSync(join(folder, 'asleep.training', 'training.json'), 'utf8'));
    expect(position.step).toBe(4);
    expect(position.seconds).toBeLessThan(1200);
  });

  it('leaves alone what is no checkpoint of it', async () => {
    for (const [name, content] of [
      ['notes.txt', 'mine'],
      ['training.json', '{"fingerprint": ""}'],
    ] as const) {
      const place = join(folder, `${name}.training`);
      mkdirSync(place);
      writeFileSync(join(place, name), content);
      await expect(pretrainEncoder(optionsFor(name))).rejects.toThrow(
        /this is not the checkpoint of a pre-training; name another folder for the encoder, or move this one away$/,
      );
      expect(readdirSync(place)).toEqual([name]);
    }
  });

  it('does not throw away a damaged checkpoint, nor one that cannot be read', async () => {
    const options = optionsFor('damaged');
    await interrupt(options, 3);
    const part = (name: string) => join(folder, 'damaged.training', name);
    const spoil = async (name: string, change: (path: string) => void, message: RegExp) => {
      const good = readFileSync(part(name));
      change(part(name));
      await expect(pretrainEncoder(options)).rejects.toThrow(message);
      rmSync(part(name), { force: true });
      writeFileSync(part(name), good);
    };
    const inHalf = (path: string) => writeFileSync(path, readFileSync(path).subarray(0, 1000));
    const inOneBit = (path: string) => {
      const bytes = readFileSync(path);
      bytes[bytes.length - 1]! ^= 1;
      writeFileSync(path, bytes);
    };
    const damaged = (name: string) =>
      new RegExp(
        `damaged\\.training: the checkpoint is damaged \\(${name}\\); remove this folder to begin anew, or rest`,
      );
    await spoil('state.safetensors', inHalf, damaged('state.safetensors'));
    await spoil('state.safetensors', inOneBit, damaged('state.safetensors'));
    await spoil('vocabulary.0.txt', inOneBit, damaged('vocabulary.0.txt'));
    await spoil('training.json', inHalf, damaged('training.json'));
    await spoil('log.jsonl', (path) => rmSync(path), damaged('log.jsonl'));
    const circle = (path: string) => {
      rmSync(path);
      symlinkSync(path, path);
    };
    await spoil('state.safetensors', circle, /^ELOOP/);
    expect((await pretrainEncoder(options)).resumed).toBe(true);
  });
});
