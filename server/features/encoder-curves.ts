// The curves of a pre-training over the words that it has seen, thin enough to be drawn and to be sent.
import type { Chart, Series } from './page/chart.ts';
import type { LogLine, PretrainingRun } from './pretraining-run.ts';

/** Points of a curve; more are averaged. */
const MOST_POINTS = 400;

/** Perplexity, the training loss and every alignment loss. */
export function curvesOf({ languages, lines }: PretrainingRun): Chart[] {
  const evaluated = lines.filter(({ perplexity }) => perplexity !== undefined);
  const trained = average(lines.filter(({ loss }) => loss !== undefined));
  const alignments = [...new Set(trained.flatMap(({ alignment }) => Object.keys(alignment)))];
  const byLanguage = (points: readonly LogLine[], what: 'perplexity' | 'loss') =>
    languages.flatMap((language, colour) =>
      DIRECTIONS.map((direction) => ({
        name: `${language} ${direction}`,
        colour,
        dashed: direction === 'backward',
        values: points.map((line) => line[what]?.[language]?.[direction] ?? null),
      })),
    );
  const chart = (title: string, unit: string, points: readonly LogLine[], series: Series[], logarithmic = false) => ({
    ...{ title, unit, logarithmic, series },
    over: 'words seen',
    at: points.map(({ words }) => words),
  });
  const perplexity = byLanguage(evaluated, 'perplexity');
  return [
    ...(evaluated.length > 0 ? [chart('Perplexity', 'a token, lower is better', evaluated, perplexity, true)] : []),
    ...(trained.length > 0 ? [chart('Training loss', 'nats a token', trained, byLanguage(trained, 'loss'))] : []),
    ...[...new Set(alignments.map(termOf))].map((term, i) => {
      const names = alignments.filter((name) => termOf(name) === term);
      const series = names.map((name, k) => {
        const values = trained.map(({ alignment }) => alignment[name] ?? null);
        return { name, colour: languages.length + i + k, dashed: false, values };
      });
      return chart(`Alignment: ${term}`, 'loss', trained, series);
    }),
  ];
}

/** `average linkage` of `average linkage: en-sw`, which is that of two languages of several. */
const termOf = (name: string) => name.split(':')[0]!;

const DIRECTIONS = ['forward', 'backward'] as const;

/** Neighbouring lines as one with their mean losses, at the words of the last of them. */
function average(lines: readonly LogLine[]): LogLine[] {
  const width = Math.ceil(lines.length / MOST_POINTS);
  if (width <= 1) return [...lines];
  const merged: LogLine[] = [];
  for (let start = 0; start < lines.length; start += width) merged.push(meanOf(lines.slice(start, start + width)));
  return merged;
}

function meanOf(lines: readonly LogLine[]): LogLine {
  const last = lines.at(-1)!;
  const mean = (value: (line: LogLine) => number | null | undefined) => {
    const known = lines.flatMap((line) => value(line) ?? []);
    return known.length === 0 ? null : known.reduce((sum, x) => sum + x, 0) / known.length;
  };
  const loss = Object.fromEntries(
    Object.keys(last.loss ?? {}).map((language) => [
      language,
      {
        forward: mean(({ loss }) => loss?.[language]?.forward),
        backward: mean(({ loss }) => loss?.[language]?.backward),
      },
    ]),
  );
  const alignment = Object.fromEntries(
    Object.keys(last.alignment).map((name) => [name, mean(({ alignment }) => alignment[name])]),
  );
  return { step: last.step, words: last.words, seconds: last.seconds, loss, alignment };
}
