// JSON lines, one sentence an object, in two shapes (other members are kept as they stand):
//   {"tokens": ["Abebe", "ran"], "tags": ["B-PER", "O"]}        also "words"; "labels", "ner_tags", "pos_tags", "upos"
//   {"text": "Abebe ran", "entities": [[0, 5, "PER"]]}           also "label", "labels", "spans"; offsets in code points
// "tokens" that are no strings (Prodigy writes objects with offsets) beside a text are another member of that shape.
// A span may be an object too: {"start": 0, "end": 5, "label": "PER"} (Prodigy) or start_offset, end_offset (Doccano).
// A tag null or "_" is undecided, and so are all labels of an object without tags or spans, or with "answer": "reject" or
// "ignore" (Prodigy): its labels are what somebody was asked about and did not accept. So are the words in a span "_".
import { z } from 'zod';
import { align, byStart, type TokenRun } from './alignment.ts';
import { CodePoints } from './code-points.ts';
import type { PieceDocument, Reader } from './document.ts';
import { firstWhere } from './first-where.ts';
import { jsonLabelEdits } from './json-edits.ts';
import { elementsOf, membersOf, type Place, unitsOf } from './json-places.ts';
import { BYTE_ORDER_MARK, detached, isBlank, Labels, lineEnd, nextLine, trimmed } from './lines.ts';
import type { Segments } from './segments.ts';
import { type Finding, type Sentence, type TextEdit, type Token, UNDECIDED } from './types.ts';

/** Words of more characters, as they are read and not as they are escaped, are no sentence. */
const LONGEST_SENTENCE = 65_536;
/** A text may be a whole document. */
const LONGEST_TEXT = 1_000_000;

const TOKEN_KEYS = ['tokens', 'words'];
const TAG_KEYS = ['tags', 'labels', 'ner_tags', 'pos_tags', 'upos'];
const SPAN_KEYS = ['entities', 'label', 'labels', 'spans'];
const REJECTED = ['reject', 'ignore'];

const tagsShape = z.array(z.string().nullable());
const wordsShape = z.array(z.string());
const spanShape = z.union([
  z.tuple([z.int(), z.int(), z.string()]).transform(([start, end, label]) => ({ start, end, label })),
  z.object({ start: z.int(), end: z.int(), label: z.string() }),
  z.object({ start_offset: z.int(), end_offset: z.int(), label: z.string() }).transform((s) => {
    return { start: s.start_offset, end: s.end_offset, label: s.label };
  }),
]);
const spansShape = z.array(spanShape);

/** What a line holds beside its tokens, for edits; offsets in the sentence. */
export interface JsonSentence extends Sentence {
  readonly record: JsonRecord | undefined;
}

export interface JsonRecord {
  /** The closing brace, before which a new member is written. */
  readonly close: number;
  /** The array of tags or spans; undefined where there is none yet. */
  readonly labels: Place | undefined;
  /** The answer that rejects the labels of the line, so that none of them counts; undefined where there is none. */
  readonly rejected: Place | undefined;
  /** Tokens whose tag is null. */
  readonly nulls: ReadonlySet<number>;
  /** Of the shape with a text, else undefined: each span, its tokens where it is shown, and those that it touches; `_` last. */
  readonly spans: readonly JsonSpan[] | undefined;
  /** How spans are written here. */
  readonly style: 'array' | 'object' | 'offsets';
  /** Of the shape with a text: the offsets of the tokens in code points of that text. */
  readonly codePoints: readonly Place[];
}

export interface JsonSpan {
  readonly place: Place;
  readonly run: TokenRun | undefined;
  readonly touched: Place;
}

type Problem = (code: string, message: string, place?: Place, severity?: Finding['severity']) => void;

export class JsonReader implements Reader {
  readonly format = 'jsonl';
  readonly blanks = true;
  private readonly segments: Segments;
  private readonly known = new Labels();

  constructor(segments: Segments) {
    this.segments = segments;
  }

  read(text: string, atStart: boolean): Sentence[] {
    const pieces: Sentence[] = [];
    const skip = atStart && text.charCodeAt(0) === BYTE_ORDER_MARK ? 1 : 0;
    let start = 0;
    let lines = 0;
    for (let at = skip; at < text.length; ) {
      const end = lineEnd(text, at);
      if (lines > 0 && !isBlank(text, at, end)) {
        pieces.push(this.piece(text.slice(start, at), lines, start === 0 ? skip : 0));
        start = at;
        lines = 0;
      }
      at = nextLine(text, end);
      if (at > end) lines++;
    }
    if (start < text.length) pieces.push(this.piece(text.slice(start), lines, start === 0 ? skip : 0));
    return pieces;
  }

  adapted(): Reader {
    return this;
  }

  setLabels(
    document: PieceDocument,
    sentence: number,
    start: number,
    labels: readonly (string | undefined)[],
  ): TextEdit[] {
    return jsonLabelEdits(document, sentence, start, labels);
  }

  private piece(text: string, lines: number, skip: number): JsonSentence {
    const source = detached(text);
    const findings: Finding[] = [];
    const [start, end] = trimmed(source, skip, lineEnd(source, skip));
    const problem: Problem = (code, message, place = { start, end }, severity = 'error') =>
      findings.push({ code, severity, message, start: place.start, end: place.end });
    const { tokens, record } = start === end ? NOTHING : this.line(source, start, end, problem);
    return { source, tokens, length: source.length, lines, comments: [], findings, record };
  }

  private line(source: string, start: number, end: number, problem: Problem): Parsed {
    let value: unknown;
    try {
      value = JSON.parse(source.slice(start, end));
    } catch {
      problem('format.json', 'the line is no JSON; correct it or delete it');
      return NOTHING;
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      problem('format.json', 'the line is no JSON object; write {"tokens": [...], "tags": [...]}');
      return NOTHING;
    }
    const object = new Map<string, unknown>(Object.entries(value));
    const places = membersOf(source, start);
    const words = TOKEN_KEYS.find((key) => object.has(key));
    const text = object.get('text');
    const rejected = REJECTED.some((answer) => object.get('answer') === answer) ? places.get('answer') : undefined;
    const line: Line = { source, close: end - 1, object, places, rejected };
    const strings = words !== undefined && wordsShape.safeParse(object.get(words)).success;
    if (typeof text === 'string' && !strings) return this.text(line, text, problem);
    if (words !== undefined) return this.tokens(line, words, problem);
    problem('format.json', 'the object has neither "tokens" nor "text"; write {"tokens": [...], "tags": [...]}');
    return NOTHING;
  }

  private tokens({ source, close, object, places, rejected }: Line, key: string, problem: Problem): Parsed {
    const words = wordsShape.safeParse(object.get(key));
    if (!words.success) {
      problem('format.json', `"${key}" is no list of strings; write ["word", ...]`, places.get(key));
      return NOTHING;
    }
    const length = words.data.reduce((sum, word) => sum + word.length, 0);
    if (length > LONGEST_SENTENCE) {
      problem('format.long-line', `words of ${length} characters are no sentence; put one sentence on each line`);
      return NOTHING;
    }
    const tagKey = TAG_KEYS.find((name) => object.has(name));
    const tags = tagKey === undefined ? undefined : tagsShape.safeParse(object.get(tagKey));
    const list = tagKey === undefined ? undefined : places.get(tagKey);
    if (tags?.success === false) {
      problem(
        'format.json',
        `"${tagKey}" is no list of strings; write the names of the tags, null or "_" where they are not known`,
        list,
      );
      return NOTHING;
    }
    const cells = list === undefined ? [] : elementsOf(source, list.start);
    if (list !== undefined && cells.length !== words.data.length) {
      problem('format.columns', `${cells.length} tags for ${words.data.length} tokens; give each token one tag`, list);
    }
    const tokens: Token[] = [];
    for (const [index, place] of elementsOf(source, places.get(key)!.start).entries()) {
      const form = words.data[index]!;
      if (form === '' || isBlank(form, 0, form.length)) {
        problem('format.empty-form', 'a token without a word; write one, or delete the token and its tag', place);
        return NOTHING;
      }
      const [cell, tag] = rejected === undefined ? [cells[index], tags?.data[index]] : [];
      const quoted = tag === null ? 0 : 1;
      tokens.push({
        form,
        start: place.start + 1,
        end: place.end - 1,
        label: tag === undefined || tag === null || tag === '' || tag === UNDECIDED ? undefined : this.known.get(tag),
        labelStart: cell === undefined ? -1 : cell.start + quoted,
        labelEnd: cell === undefined ? -1 : cell.end - quoted,
      });
    }
    const nulls = new Set<number>();
    for (const [index, tag] of (tags?.data ?? []).entries()) if (tag === null) nulls.add(index);
    return {
      tokens,
      record: { close, labels: list, rejected, nulls, spans: undefined, style: 'array', codePoints: [] },
    };
  }

  private text({ source, close, object, places, rejected }: Line, text: string, problem: Problem): Parsed {
    if (text.length > LONGEST_TEXT) {
      problem('format.long-line', `a text of ${text.length} characters is too long; put one paragraph on each line`);
      return NOTHING;
    }
    const literal = places.get('text')!;
    const units = unitsOf(source.slice(literal.start, literal.end));
    const points = new CodePoints(text);
    const words: Token[] = [];
    let from = 0;
    for (const to of [...this.segments.cuts(text), text.length]) {
      words.push(...this.segments.tokens(text, from, to));
      from = to;
    }
    const key = SPAN_KEYS.find((name) => object.has(name));
    const list = key === undefined ? undefined : places.get(key);
    const spans = key === undefined ? undefined : spansShape.safeParse(object.get(key));
    if (spans?.success === false) {
      problem('format.json', `"${key}" is no list of spans; write [[start, end, "LABEL"], ...]`, list);
      return NOTHING;
    }
    const cells = list === undefined ? [] : elementsOf(source, list.start);
    const found = (spans?.data ?? []).map(({ start, end, label }, index) => {
      return { start: points.toUnits(start), end: points.toUnits(end), label, place: cells[index]! };
    });
    if (found.some((span) => span.start < 0 || span.start >= span.end || span.end > text.length)) {
      problem('format.annotation', 'a span lies outside the text; offsets count characters (code points) from 0', list);
      return NOTHING;
    }
    const valid = rejected === undefined ? found.sort(byStart) : [];
    const outside = list === undefined || rejected !== undefined ? undefined : 'O';
    const named = valid.filter(({ label }) => label !== UNDECIDED);
    const { labels, runs, findings } = align(words, named, outside);
    const unknown = valid
      .filter(({ label }) => label === UNDECIDED)
      .map(({ place, start, end }) => ({ place, touched: touchedTokens(words, start, end) }));
    for (const { touched } of unknown) {
      for (let at = touched.start; at < touched.end; at++) if (labels[at] === outside) labels[at] = undefined;
    }
    const inSource = ({ start, end }: Place) => ({
      start: literal.start + units[start]!,
      end: literal.start + units[end]!,
    });
    for (const { code, message, severity, ...place } of findings) problem(code, message, inSource(place), severity);
    const first = cells[0] === undefined ? '' : source.slice(cells[0].start, cells[0].end);
    const objects = first === '' ? key === 'spans' : first.startsWith('{');
    return {
      tokens: words.map((word, index) => ({ ...word, ...inSource(word), label: labels[index] })),
      record: {
        close,
        labels: list,
        rejected,
        nulls: new Set(),
        spans: [
          ...named.map(({ place, start, end }, index) => {
            return { place, run: runs[index], touched: touchedTokens(words, start, end) };
          }),
          ...unknown.map((span) => ({ ...span, run: { ...span.touched, label: UNDECIDED } })),
        ],
        style: !objects ? 'array' : first.includes('"start_offset"') ? 'offsets' : 'object',
        codePoints: words.map((word) => ({ start: points.fromUnits(word.start), end: points.fromUnits(word.end) })),
      },
    };
  }
}

/** The tokens [start, end) that share a character with a span. */
function touchedTokens(words: readonly Token[], start: number, end: number): Place {
  return { start: firstWhere(words, (word) => word.end > start), end: firstWhere(words, (word) => word.start >= end) };
}

/** A line that is an object, with the places of its members. */
interface Line {
  readonly source: string;
  readonly close: number;
  readonly object: ReadonlyMap<string, unknown>;
  readonly places: ReadonlyMap<string, Place>;
  readonly rejected: Place | undefined;
}

interface Parsed {
  readonly tokens: readonly Token[];
  readonly record: JsonRecord | undefined;
}

const NOTHING: Parsed = { tokens: [], record: undefined };
