// What training says of itself, as a bar and as lines that stay.
import type { TrainOptions, TrainProgress } from '../tagger/index.ts';
import type { Progress } from './progress.ts';

const PHASES: Readonly<Record<TrainProgress['phase'], string>> = {
  encode: 'encoder reads the text',
  wide: 'wide part',
  deep: 'deep part',
  mix: 'mixing the parts',
  save: 'saving',
};

/** A listener for `trainTagger`: the bar of the phase, and a line for every new best score of the deep part. */
export function showTraining(
  progress: Progress,
  { task, parts }: Pick<TrainOptions, 'task' | 'parts'>,
): (now: TrainProgress) => void {
  const measure = task === 'ner' ? 'F1' : 'accuracy';
  let phase = '';
  let best: number | undefined;
  return (now) => {
    if (now.phase === 'mix' && parts !== 'both') return;
    if (now.phase !== phase) {
      phase = now.phase;
      progress.log(PHASES[now.phase]);
    }
    if (now.phase === 'deep' && now.dev !== undefined && (best === undefined || now.dev > best)) {
      best = now.dev;
      progress.log(`  ${measure} ${now.dev.toFixed(2)} on dev, the best so far`);
    }
    if (now.steps <= 1) return;
    const epoch = now.epoch > 0 ? `, epoch ${now.epoch}` : '';
    progress.show({
      done: now.step,
      total: now.steps,
      note: `${PHASES[now.phase]}${epoch}`,
      rate: now.rate > 0 ? `${Math.round(now.rate).toLocaleString('en')} words/s` : '',
      left: now.eta,
    });
  };
}
