// An annotator who answers from gold labels.
import type { LabelledSentence } from '../../tagger/index.ts';
import { spansOf } from '../../tags/index.ts';
import type { Choice } from '../acquisition/index.ts';

/** What the annotator has decided so far. */
export class Annotator {
  readonly #gold: readonly LabelledSentence[];
  /** By sentence, of those that something was asked of: which tokens are decided. */
  readonly #decided = new Map<number, boolean[]>();
  /** Tokens that were decided. */
  tokens = 0;

  /** @param gold tags in the scheme `bio`, or parts of speech */
  constructor(gold: readonly LabelledSentence[]) {
    this.#gold = gold;
  }

  /** Sentences with a decided token. */
  get sentences(): number {
    return this.#decided.size;
  }

  /** Which tokens of a sentence are decided; undefined: none. */
  decided(sentence: number): readonly boolean[] | undefined {
    return this.#decided.get(sentence);
  }

  /**
   * Decides the tokens that are asked for, and those of the spans that reach into them: who is asked about a part of a name
   * sets its borders right. Tokens without a gold label stay undecided.
   */
  answer(sentence: number, { start, end }: Pick<Choice, 'start' | 'end'>): void {
    const { tags, words } = this.#gold[sentence]!;
    const spans = tags.includes('O') ? spansOf(tags) : [];
    const reaching = spans.filter((span) => span.start < end && start < span.end);
    const first = Math.min(start, ...reaching.map((span) => span.start));
    const last = Math.max(end, ...reaching.map((span) => span.end));
    const decided = this.#decided.get(sentence) ?? new Array<boolean>(words.length).fill(false);
    this.#decided.set(sentence, decided);
    for (let t = first; t < last; t++) {
      if (decided[t] || tags[t] === undefined) continue;
      decided[t] = true;
      this.tokens++;
    }
  }

  /** The sentences as far as they are labelled. */
  labelled(): LabelledSentence[] {
    return [...this.#decided].map(([sentence, decided]) => {
      const { words, tags } = this.#gold[sentence]!;
      return { words, tags: tags.map((tag, t) => (decided[t] ? tag : undefined)) };
    });
  }
}
