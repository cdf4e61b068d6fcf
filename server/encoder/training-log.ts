// The log of a pre-training, a JSON object a line: what the report draws.
import { z } from 'zod';
import type { StepLosses } from './trainer.ts';
import type { Perplexity, PretrainOptions } from './types.ts';

/** Steps that a line is the mean of. */
const STEPS_A_LINE = 100;

export interface LogPlace {
  readonly step: number;
  /** Words of all languages since the start. */
  readonly words: number;
  readonly seconds: number;
}

const sumsSchema = z.record(z.string(), z.number());

/** The sums of a line that has begun: over `steps` steps, of each language and of what aligns them. */
export const pendingSchema = z.strictObject({
  steps: z.number().int().nonnegative(),
  languages: z.array(sumsSchema),
  alignment: sumsSchema,
});
export type PendingLine = z.infer<typeof pendingSchema>;

function addTo(sums: Record<string, number>, values: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(values)) sums[name] = (sums[name] ?? 0) + value;
}

function meansOf(sums: Readonly<Record<string, number>>, count: number): Record<string, number> {
  return Object.fromEntries(Object.entries(sums).map(([name, sum]) => [name, sum / count]));
}

export class TrainingLog {
  readonly #texts: PretrainOptions['texts'];
  #lines: string;
  #pending: PendingLine;
  #last: Readonly<Record<string, number>> = {};

  /**
   * @param lines those of an interrupted training
   * @param pending its line that had begun
   */
  constructor(texts: PretrainOptions['texts'], lines: string, pending?: PendingLine) {
    this.#texts = texts;
    this.#lines = lines;
    this.#pending = pending ? structuredClone(pending) : this.#empty();
    const line = pending && lines.trimEnd().split('\n').at(-1);
    if (line) this.#last = (JSON.parse(line) as { alignment?: Record<string, number> }).alignment ?? {};
  }

  /** Means of the alignment losses over the last steps. */
  get alignment(): Readonly<Record<string, number>> {
    return this.#last;
  }

  text(): string {
    return this.#lines;
  }

  /** The line that has begun: a checkpoint keeps it, so that an interruption does not change what is written. */
  pending(): PendingLine {
    return structuredClone(this.#pending);
  }

  add({ languages, alignment }: StepLosses, place: LogPlace): void {
    this.#pending.steps++;
    addTo(this.#pending.alignment, alignment);
    languages.forEach((losses, l) => {
      addTo(this.#pending.languages[l]!, losses);
    });
    if (this.#pending.steps >= STEPS_A_LINE) this.#write(place);
  }

  evaluated(perplexity: Readonly<Record<string, Perplexity>>, place: LogPlace): void {
    this.#write(place, perplexity);
  }

  #write(place: LogPlace, perplexity?: Readonly<Record<string, Perplexity>>): void {
    const { steps, languages, alignment } = this.#pending;
    if (steps > 0) this.#last = meansOf(alignment, steps);
    const loss = Object.fromEntries(this.#texts.map(({ language }, l) => [language, meansOf(languages[l]!, steps)]));
    const line = {
      ...place,
      ...(steps > 0 && { loss }),
      alignment: this.#last,
      ...(perplexity && { perplexity }),
    };
    this.#lines += `${JSON.stringify(line, (_, x) => (typeof x === 'number' ? Number(x.toPrecision(6)) : x))}\n`;
    this.#pending = this.#empty();
  }

  #empty(): PendingLine {
    return { steps: 0, languages: this.#texts.map(() => ({})), alignment: {} };
  }
}
