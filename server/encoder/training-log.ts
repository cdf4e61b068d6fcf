// The log of a pre-training, a JSON object a line: what the report draws.
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

/** Sums by name, and how many of them. */
class Means {
  #sums: Record<string, number> = {};
  count = 0;

  add(values: Readonly<Record<string, number>>): void {
    this.count++;
    for (const [name, value] of Object.entries(values)) this.#sums[name] = (this.#sums[name] ?? 0) + value;
  }

  get values(): Record<string, number> {
    return Object.fromEntries(Object.entries(this.#sums).map(([name, sum]) => [name, sum / this.count]));
  }
}

export class TrainingLog {
  readonly #texts: PretrainOptions['texts'];
  #lines: string;
  #alignment = new Means();
  #losses: Means[] = [];
  #last: Readonly<Record<string, number>> = {};

  /** @param lines those of an interrupted training */
  constructor(texts: PretrainOptions['texts'], lines: string) {
    this.#texts = texts;
    this.#lines = lines;
    this.#clear();
    const line = lines.trimEnd().split('\n').at(-1);
    if (line) this.#last = (JSON.parse(line) as { alignment?: Record<string, number> }).alignment ?? {};
  }

  /** Means of the alignment losses over the last steps. */
  get alignment(): Readonly<Record<string, number>> {
    return this.#last;
  }

  text(): string {
    return this.#lines;
  }

  add({ languages, alignment }: StepLosses, place: LogPlace): void {
    this.#alignment.add(alignment);
    languages.forEach((losses, l) => {
      this.#losses[l]!.add(losses);
    });
    if (this.#alignment.count >= STEPS_A_LINE) this.#write(place);
  }

  evaluated(perplexity: Readonly<Record<string, Perplexity>>, place: LogPlace): void {
    this.#write(place, perplexity);
  }

  #write(place: LogPlace, perplexity?: Readonly<Record<string, Perplexity>>): void {
    if (this.#alignment.count > 0) this.#last = this.#alignment.values;
    const loss = Object.fromEntries(this.#texts.map(({ language }, l) => [language, this.#losses[l]!.values]));
    const line = {
      ...place,
      ...(this.#alignment.count > 0 && { loss }),
      alignment: this.#last,
      ...(perplexity && { perplexity }),
    };
    this.#lines += `${JSON.stringify(line, (_, x) => (typeof x === 'number' ? Number(x.toPrecision(6)) : x))}\n`;
    this.#clear();
  }

  #clear(): void {
    this.#alignment = new Means();
    this.#losses = this.#texts.map(() => new Means());
  }
}
