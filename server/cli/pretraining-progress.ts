// What a pre-training says of itself, as a bar and as lines that stay, or as one line for the editor.
import type { PretrainProgress } from '../encoder/index.ts';
import { type Progress, timeLeft } from './progress.ts';

const PHASES: Readonly<Record<PretrainProgress['phase'], string>> = {
  vocabulary: 'counting words',
  read: 'reading the texts',
  train: 'pre-training',
  evaluate: 'measuring perplexity',
  save: 'saving',
};

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

/** Share of the work that is done, 0 to 1, and one line for people. */
export function describePretraining(now: PretrainProgress): { done: number; message: string } {
  const { phase, counted, step, steps, rate, eta } = now;
  const parts = [
    step > 0 && phase === 'train' ? `step ${whole(step)}` : PHASES[phase],
    phase === 'vocabulary' && counted > 0 ? `${Math.floor(100 * counted)}%` : '',
    speed(rate),
    measures(now),
    timeLeft(eta),
  ];
  return { done: steps > 0 ? Math.min(1, step / steps) : 0, message: parts.filter((part) => part !== '').join(', ') };
}

/** `perplexity en 120, am 340, average linkage 0.52`. */
function measures(now: PretrainProgress): string {
  const perplexity = Object.entries(now.perplexity ?? {}).map(
    ([language, { forward, backward }]) => `${language} ${short(Math.sqrt(forward * backward))}`,
  );
  const parts = perplexity.length === 0 ? [] : [`perplexity ${perplexity.join(', ')}`];
  return [...parts, alignmentOf(now)].filter((part) => part !== '').join(', ');
}

function alignmentOf({ alignment }: PretrainProgress): string {
  return Object.entries(alignment)
    .map(([name, loss]) => `${name} ${short(loss)}`)
    .join(', ');
}

function speed(rate: number): string {
  return rate > 0 ? `${whole(Math.round(rate))} words/s` : '';
}

function whole(number: number): string {
  return number.toLocaleString('en');
}

function short(number: number): string {
  return number.toLocaleString('en', { maximumSignificantDigits: 3 });
}
