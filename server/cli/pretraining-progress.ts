// What a pre-training says of itself on the command line: as a bar and as lines that stay.
import type { PretrainProgress } from '../encoder/index.ts';
import { whole } from '../features/numbers.ts';
import { alignmentOf, measures, PHASES, speed } from '../features/pretraining-line.ts';
import type { Progress } from './progress.ts';

/** A listener for `pretrainEncoder`: the bar, a line for each phase and a line for every evaluation. */
export function showPretraining(progress: Progress): (now: PretrainProgress) => void {
  let started = '';
  let known: PretrainProgress['perplexity'];
  return (now) => {
    // Perplexity is measured again and again; that is no news.
    if (now.phase !== started && now.phase !== 'evaluate') {
      if (!(now.phase === 'train' && started === 'train')) progress.log(PHASES[now.phase]);
      started = now.phase;
    }
    if (now.perplexity !== undefined && now.perplexity !== known) {
      known = now.perplexity;
      progress.log(`  step ${whole(now.step)}: ${measures(now)}`);
    }
    const { phase, counted, step, steps, words, eta: left } = now;
    const rate = speed(now.rate);
    if (phase === 'vocabulary' && words > 0) {
      progress.show({ done: counted, total: 1, note: `${whole(words)} words`, rate, left });
    }
    if (phase === 'train') {
      const note = [`step ${whole(step)}`, alignmentOf(now)].filter((part) => part !== '').join(', ');
      progress.show({ done: step, total: steps, note, rate, left });
    }
  };
}
