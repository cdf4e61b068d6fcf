// The file that a simulation leaves: JSON lines, first what was simulated, then the rounds of whole runs.
import { existsSync } from 'node:fs';
import { access, constants } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { STRATEGIES, UNITS } from '../learning/acquisition/index.ts';
import { parseJson } from '../text/folder.ts';
import { fileError, InputError, readTextFile, writeFileAtomic } from '../text/index.ts';

const lineSchema = z.strictObject({
  strategy: z.enum(STRATEGIES),
  unit: z.enum(UNITS),
  seed: z.number().int(),
  /** 0: before the first label. */
  round: z.number().int(),
  labelled_tokens: z.number(),
  labelled_sentences: z.number(),
  /** Of names, 0 to 100. */
  f1: z.number().optional(),
  /** Of parts of speech, 0 to 100. */
  accuracy: z.number().optional(),
  /** What choosing and learning took. */
  seconds: z.number(),
});
export type SimulationLine = z.infer<typeof lineSchema>;

/** One run of a simulation. */
export type Run = Pick<SimulationLine, 'strategy' | 'unit' | 'seed'>;

const keyOf = ({ strategy, unit, seed }: Run) => `${strategy} ${unit} ${seed}`;

export class SimulationFile {
  readonly #path: string;
  readonly #head: string;
  readonly #runs = new Map<string, SimulationLine[]>();

  private constructor(path: string, head: string) {
    this.#path = path;
    this.#head = head;
  }

  /**
   * Reads what is there.
   * @param simulated files, model and numbers of the simulation, which all runs in the file share
   * @throws InputError where the file holds something else, or could not be written when the first run is whole
   */
  static async open(path: string, simulated: object): Promise<SimulationFile> {
    const file = new SimulationFile(path, JSON.stringify({ simulation: simulated }));
    const there = existsSync(path);
    try {
      // The dot: what holds the file is to be a folder.
      await access(there ? path : `${dirname(path)}/.`, constants.W_OK);
    } catch (error) {
      throw fileError(error, path);
    }
    if (!there) return file;
    const [head, ...lines] = (await readTextFile(path)).trimEnd().split('\n');
    if (head !== file.#head) {
      throw new InputError('this file holds something else than this simulation', 'name another one with --out', {
        path,
        line: 1,
      });
    }
    for (const [i, text] of lines.entries()) {
      const parsed = lineSchema.safeParse(parseJson(text));
      if (!parsed.success) {
        throw new InputError('this is no line of a simulation', 'delete the file, or name another', {
          path,
          line: i + 2,
        });
      }
      const key = keyOf(parsed.data);
      file.#runs.set(key, [...(file.#runs.get(key) ?? []), parsed.data]);
    }
    return file;
  }

  /** The rounds of a run that is whole. */
  linesOf(run: Run): readonly SimulationLine[] | undefined {
    return this.#runs.get(keyOf(run));
  }

  /** Adds the rounds of a run, all or none. */
  async add(lines: readonly SimulationLine[]): Promise<void> {
    const [first] = lines;
    if (first === undefined) return;
    this.#runs.set(keyOf(first), [...lines]);
    const all = [...this.#runs.values()].flat().map((line) => JSON.stringify(line));
    await writeFileAtomic(this.#path, `${[this.#head, ...all].join('\n')}\n`);
  }
}
