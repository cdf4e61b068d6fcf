// The curves of a pre-training over the words that it has seen, thin enough to be drawn and to be sent.
import type { LogLine, PretrainingRun } from './pretraining-run.ts';

/** One line of a chart. */
export interface Series {
  readonly name: string;
  /** Number of its colour, from 0. */
  readonly colour: number;
  readonly dashed: boolean;
  /** One for each number of words; null where nothing was measured. */
  readonly values: readonly (number | null)[];
}

export interface Chart {
  readonly title: string;
  /** What the numbers are. */
  readonly unit: string;
  readonly logarithmic: boolean;
  /** Words of all languages seen so far, rising. */
  readonly words: readonly number[];
  readonly series: readonly Series[];
}

/** Points of a curve; more are averaged. */
const MOST_POINTS = 400;

/** Perplexity, the training loss and every alignment loss. */
export function curvesOf(run: PretrainingRun): Chart[] {
  const { languages, lines } = run;
  const evaluated = lines.filter(({ perplexity }) => perplexity !== undefined);
  const thin = average(lines);
  const alignments = [...new Set(lines.flatMap(({ alignment }) => Object.keys(alignment)))];
  const directions =
    (value: (line: LogLine, language: string) => { forward: number; backward: number } | undefined) =>
    (points: readonly LogLine[]) =>
      languages.flatMap((language, colour) =>
        (['forward', 'backward'] as const).map((direction) => ({
          name: `${language} ${direction}`,
          colour,
          dashed: direction === 'backward',
          values: points.map((line) => value(line, language)?.[direction] ?? null),
        })),
      );
  const chart = (title: string, unit: string, points: readonly LogLine[], series: Series[], logarithmic = false) => ({
    ...{ title, unit, logarithmic, series },
    words: points.map(({ words }) => words),
  });
  const perplexity = directions(({ perplexity }, language) => perplexity?.[language])(evaluated);
  const loss = directions(({ loss }, language) => loss[language])(thin);
  return [
    ...(evaluated.length > 0 ? [chart('Perplexity', 'a token, lower is better', evaluated, perplexity, true)] : []),
    chart('Training loss', 'nats a token', thin, loss),
    ...alignments.map((name, i) => {
      const values = thin.map(({ alignment }) => alignment[name] ?? null);
      const colour = languages.length + i;
      return chart(`Alignment: ${name}`, 'loss', thin, [{ name, colour, dashed: false, values }]);
    }),
  ];
}

/** Neighbouring lines as one with their mean losses, at the words of the last of them. */
function average(lines: readonly LogLine[]): LogLine[] {
  const width = Math.ceil(lines.length / MOST_POINTS);
  if (width === 1) return [...lines];
  const merged: LogLine[] = [];
  for (let start = 0; start < lines.length; start += width) merged.push(meanOf(lines.slice(start, start + width)));
  return merged;
}

function meanOf(lines: readonly LogLine[]): LogLine {
  const last = lines.at(-1)!;
  const mean = (value: (line: LogLine) => number | undefined) => {
    const known = lines.flatMap((line) => value(line) ?? []);
    return known.reduce((sum, x) => sum + x, 0) / known.length;
  };
  const loss = Object.fromEntries(
    Object.keys(last.loss).map((language) => [
      language,
      { forward: mean(({ loss }) => loss[language]?.forward), backward: mean(({ loss }) => loss[language]?.backward) },
    ]),
  );
  const alignment = Object.fromEntries(
    Object.keys(last.alignment).map((name) => [name, mean(({ alignment }) => alignment[name])]),
  );
  return { step: last.step, words: last.words, seconds: last.seconds, loss, alignment };
}
