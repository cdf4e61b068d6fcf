// The language of searches, described in docs/labelling.md:
//   Addis   "Addis Ababa"   "addis"i   /^Add/   /s$/i      words, or one word by a regular expression
//   label:LOC   label:O   label:_   label:*                a whole span or a token (or one that is undecided, outside, labelled)
//   *                                                      any token
//   word&label:LOC   !label:LOC   word&!label:*            several conditions on one token; not
//   in [Addis] *                                           what stands in brackets is what is found
import { UNDECIDED } from '../text/index.ts';

/** What a token looks like to a query. */
export interface QueryToken {
  readonly form: string;
  /** Undefined: undecided; null: outside all spans. */
  readonly label: string | null | undefined;
}

/** A condition on one token. */
export type Condition = (token: QueryToken) => boolean;

/** One step of a query. */
export interface Step {
  readonly condition: Condition;
  /** It takes a whole span with this label: the condition holds for all of its tokens, and the span ends with them. */
  readonly isSpan: boolean;
}

export interface Query {
  readonly steps: readonly Step[];
  /** The steps [first, end) are what is found. */
  readonly first: number;
  readonly end: number;
}

/** A query that cannot be read; the message says what is wrong and what to do. */
export class QueryError extends Error {}

const ATOM = /(!?)(?:"((?:[^"\\]|\\.)*)"(i?)|\/((?:[^/\\]|\\.)+)\/(i?)|([^\s[\]&"!/]+))/uy;

/** @throws QueryError */
export function parseQuery(text: string): Query {
  const steps: Step[] = [];
  let first: number | undefined;
  let end: number | undefined;
  for (let at = 0; at < text.length; ) {
    const character = text[at]!;
    if (/\s/u.test(character)) at++;
    else if (character === '[') {
      if (first !== undefined) throw new QueryError('there are several “[”; mark one part of the query');
      first = steps.length;
      at++;
    } else if (character === ']') {
      if (first === undefined || end !== undefined || first === steps.length) {
        throw new QueryError('“]” closes nothing; write “[” before what is to be found');
      }
      end = steps.length;
      at++;
    } else {
      const read = readSteps(text, at);
      steps.push(...read.steps);
      at = read.at;
    }
  }
  if (steps.length === 0) throw new QueryError('the query is empty; write a word, /a pattern/ or label:PER');
  if (first !== undefined && end === undefined) throw new QueryError('“[” is not closed; write “]”');
  return { steps, first: first ?? 0, end: end ?? steps.length };
}

/** Conditions joined by `&`; words with blanks in quotes are several tokens, and the other conditions hold for each. */
function readSteps(text: string, start: number): { steps: Step[]; at: number } {
  let words: readonly Condition[] | undefined;
  const others: Condition[] = [];
  let isSpan = true;
  let at = start;
  for (;;) {
    ATOM.lastIndex = at;
    const match = ATOM.exec(text);
    if (match === null) throw new QueryError(`“${text.slice(at, at + 10)}” is not understood; put words in quotes`);
    at = ATOM.lastIndex;
    const [, not, quoted, fold, pattern, flags, bare] = match;
    const found = quoted !== undefined ? quotedWords(quoted, fold === 'i') : [atom(pattern, flags, bare)];
    if (found.length > 1 && (not !== '' || words !== undefined)) {
      throw new QueryError(`“${quoted}” is several words and cannot be combined so; write them one by one`);
    }
    const isLabel = bare?.startsWith('label:') ?? false;
    isSpan &&= isLabel && not === '' && bare !== 'label:O' && bare !== `label:${UNDECIDED}`;
    const [only] = found;
    if (found.length > 1) words = found;
    else others.push(not === '' ? only! : (token) => !only!(token));
    if (text[at] !== '&') break;
    at++;
  }
  const all = (condition: Condition | undefined): Step => ({
    condition: (token) => (condition?.(token) ?? true) && others.every((other) => other(token)),
    isSpan,
  });
  return { steps: words === undefined ? [all(undefined)] : words.map(all), at };
}

function atom(pattern: string | undefined, flags: string | undefined, bare: string | undefined): Condition {
  if (pattern !== undefined) {
    const expression = regular(pattern, `u${flags}`);
    return ({ form }) => expression.test(form);
  }
  if (bare === '*') return () => true;
  if (bare === UNDECIDED) return ({ label }) => label === undefined;
  if (bare!.startsWith('label:')) return labelled(bare!.slice('label:'.length));
  return ({ form }) => form === bare;
}

function labelled(name: string): Condition {
  if (name === '') throw new QueryError('“label:” names no label; write label:PER, label:O, label:_ or label:*');
  if (name === UNDECIDED) return ({ label }) => label === undefined;
  if (name === 'O') return ({ label }) => label === null;
  if (name === '*') return ({ label }) => label !== undefined && label !== null;
  return ({ label }) => label === name;
}

function quotedWords(quoted: string, ignoreCase: boolean): Condition[] {
  const fold = (word: string) => (ignoreCase ? word.toLowerCase() : word);
  const words = quoted.replace(/\\(.)/gsu, '$1').trim().split(/\s+/u);
  if (words[0] === '') throw new QueryError('the quotes hold no word; write one');
  return words.map((word) => {
    const wanted = fold(word);
    return ({ form }) => fold(form) === wanted;
  });
}

function regular(pattern: string, flags: string): RegExp {
  try {
    return new RegExp(pattern, flags);
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^Invalid regular expression: /, '') : String(error);
    throw new QueryError(`/${pattern}/ is no regular expression (${reason}); correct it, or put the words in quotes`);
  }
}
