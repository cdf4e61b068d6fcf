// What a pre-training says of itself, in words.
import type { PretrainProgress } from '../encoder/index.ts';
import { short, timeLeft, whole } from './numbers.ts';

/** What each phase is called. */
export const PHASES: Readonly<Record<PretrainProgress['phase'], string>> = {
  vocabulary: 'counting words',
  read: 'reading the texts',
  train: 'pre-training',
  evaluate: 'measuring perplexity',
  save: 'saving',
};

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
export function measures(now: PretrainProgress): string {
  const perplexity = Object.entries(now.perplexity ?? {}).map(
    ([language, { forward, backward }]) => `${language} ${short(Math.sqrt(forward * backward), 3)}`,
  );
  const parts = perplexity.length === 0 ? [] : [`perplexity ${perplexity.join(', ')}`];
  return [...parts, alignmentOf(now)].filter((part) => part !== '').join(', ');
}

/** `average linkage 0.52`; empty where nothing is aligned yet. */
export function alignmentOf({ alignment }: PretrainProgress): string {
  return Object.entries(alignment)
    .map(([name, loss]) => `${name} ${short(loss, 3)}`)
    .join(', ');
}

/** `1,200 words/s`; empty where it is not known. */
export function speed(rate: number): string {
  return rate > 0 ? `${whole(Math.round(rate))} words/s` : '';
}
