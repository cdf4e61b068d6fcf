// What the making of word vectors says of itself, as a bar and as lines that stay.
import type { MakeVectorsProgress } from '../encoder/vectors/make-vectors.ts';
import type { Progress } from './progress.ts';

/** A listener for `makeVectors`: a line for each phase, the bar of the phase, and a line a round of self-learning. */
export function showVectors(progress: Progress): (now: MakeVectorsProgress) => void {
  let phase = '';
  let begin = 0;
  return (now) => {
    const name = now.phase === 'align' ? 'aligning' : `${VERBS[now.phase]} ${now.language}`;
    if (name !== phase) {
      progress.log(name);
      phase = name;
      begin = performance.now();
    }
    if (now.phase === 'align') {
      progress.log(`  round ${now.round}: mean similarity ${now.objective.toFixed(4)}`);
      progress.show({ done: now.round, total: now.rounds, note: name, rate: '', left: undefined });
      return;
    }
    const seconds = (performance.now() - begin) / 1000;
    const rate = seconds > 1 ? now.done / seconds : 0;
    const counted = now.phase !== 'reduce';
    progress.show({
      done: now.done,
      total: now.total,
      note: now.total > 0 ? name : `${name}, ${now.done.toLocaleString('en')} words`,
      rate: counted && rate > 0 ? `${Math.round(rate).toLocaleString('en')} words/s` : '',
      left: rate > 0 && now.total > 0 ? (now.total - now.done) / rate : undefined,
    });
  };
}

const VERBS = { words: 'counting words of', pairs: 'counting neighbours in', reduce: 'making vectors of' } as const;
