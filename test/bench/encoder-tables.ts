// Whether a step of pre-training costs more where an encoder knows more words: its optimiser goes through the rows of a batch alone.
import { createLearner, type Learner, type LearnerOptions, learnerState } from './encoder-learner.ts';
import type { Bench } from './main.ts';
import { median, minimum, number, printTable } from './report.ts';

/** Words of the embedding table. */
const TABLES = [20_000, 200_000] as const;
const SHAPE = { sentences: 16, time: 32 };
const [WARM_UP, STEPS] = [5, 50];

export const encoderTables: Bench = {
  name: 'encoder-tables',
  about: 'a pre-training step at size tiny with a table of 20,000 words beside one of 200,000',
  async run({ threads, rounds, engines }) {
    for (const engine of engines) {
      const learners: Learner[] = [];
      for (const vocabulary of TABLES) {
        const config = { vocabulary, negatives: 512, batchWords: 512, dropout: 0 };
        const options: LearnerOptions = {
          ...{ size: 'tiny', languages: 1, linkage: false, shapes: [SHAPE] },
          ...{ config, threads },
        };
        learners.push(await createLearner(options, { ...learnerState(options) }, engine));
      }
      const times = TABLES.map((): number[] => []);
      // In turn, step by step: what else the machine does meets both
      for (let step = -WARM_UP; step < rounds * STEPS; step++) {
        for (const [i, learner] of learners.entries()) {
          const start = performance.now();
          await learner.step(SHAPE);
          if (step >= 0) times[i]!.push(performance.now() - start);
        }
      }
      for (const learner of learners) await learner.dispose();
      const rows = times.map((own, i) => [
        `${TABLES[i]!.toLocaleString('en')} words`,
        number(minimum(own)),
        number(median(own)),
      ]);
      const ratio = (of: (own: readonly number[]) => number) => number(of(times[1]!) / of(times[0]!), 2);
      rows.push(['ratio', ratio(minimum), ratio(median)]);
      const title = `encoder-tables: size tiny, ${SHAPE.sentences} x ${SHAPE.time} words, ${engine.name}, ${threads} threads, ${rounds * STEPS} steps of each`;
      printTable(title, ['table', 'fastest ms', 'median ms'], rows);
    }
  },
};
