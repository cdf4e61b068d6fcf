// The table of the CoNLL shared tasks' own scorer, character by character.
import type { Evaluation, Score } from './evaluate.ts';

/** C's `%6.2f`, which rounds exact halves to even; `toFixed` rounds them up (3.125 is 3.12 for one and 3.13 for the other). */
function percent(value: number): string {
  const eighths = value * 8;
  const half = Number.isInteger(eighths) && !Number.isInteger(value * 4);
  const text = half ? (2 * Math.round(Math.floor(value * 100) / 2)) / 100 : value;
  return text.toFixed(2).padStart(6);
}

function scores({ precision, recall, f1 }: Score): string {
  return `precision: ${percent(precision)}%; recall: ${percent(recall)}%; FB1: ${percent(f1)}`;
}

/** The table that conlleval prints (`conlleval -r` for POS), with its final line end. */
export function formatConlleval(evaluation: Evaluation): string {
  const { gold, predicted, correct, tokens, accuracy, types } = evaluation;
  const lines = [
    `processed ${tokens} tokens with ${gold} phrases; found: ${predicted} phrases; correct: ${correct}.`,
    ...(tokens > 0 ? [`accuracy: ${percent(accuracy)}%; ${scores(evaluation)}`] : []),
    ...Object.entries(types).map(([type, score]) => `${type.padStart(17)}: ${scores(score)}  ${score.predicted}`),
  ];
  return `${lines.join('\n')}\n`;
}
