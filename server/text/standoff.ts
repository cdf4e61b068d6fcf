// Raw text with its labels beside it, in a brat annotation file (`x.txt` + `x.ann`).
import { align, byStart, type CharacterSpan, runsOf, type TokenRun } from './alignment.ts';
import {
  type Annotations,
  appended,
  type Entity,
  entityEdits,
  movedEntities,
  readAnnotations,
  writeMoved,
} from './annotations.ts';
import { applyEdits, PieceDocument } from './document.ts';
import { LostEntities } from './lost-entities.ts';
import { RawReader } from './raw.ts';
import { segmentsOf } from './segments.ts';
import type { AnnotatedDocument, Finding, LabelChange, Sentence, TextEdit } from './types.ts';

/** A sentence whose tokens get their labels from spans, when they are first asked for. */
class LabelledSentence implements Sentence {
  readonly raw: Sentence;
  private readonly spans: readonly CharacterSpan[];
  private readonly outside: string | undefined;
  private known: Pick<Sentence, 'tokens' | 'findings'> | undefined;

  constructor(raw: Sentence, spans: readonly CharacterSpan[], outside: string | undefined) {
    this.raw = raw;
    this.spans = spans;
    this.outside = outside;
  }

  /** Whether it has these labels already: then it stays the sentence that it is. */
  has(spans: readonly CharacterSpan[]): boolean {
    return spans.length === this.spans.length && spans.every((span, i) => sameRun(span, this.spans[i]!));
  }

  get source(): string {
    return this.raw.source;
  }

  get length(): number {
    return this.raw.length;
  }

  get lines(): number {
    return this.raw.lines;
  }

  get comments(): readonly string[] {
    return this.raw.comments;
  }

  get tokens(): Sentence['tokens'] {
    return this.aligned().tokens;
  }

  get findings(): readonly Finding[] {
    return this.spans.length === 0 ? this.raw.findings : this.aligned().findings;
  }

  private aligned(): Pick<Sentence, 'tokens' | 'findings'> {
    this.known ??= labelled(this.raw, this.spans, this.outside);
    return this.known;
  }
}

/** A sentence that gets new labels. */
interface Target {
  readonly base: number;
  readonly tokens: Sentence['tokens'];
  readonly entities: readonly Entity[];
  /** The tokens that each entity labels now; undefined for a hidden one. */
  readonly runs: readonly (TokenRun | undefined)[];
  readonly wanted: readonly TokenRun[];
}

export class StandoffDocument extends PieceDocument implements AnnotatedDocument {
  private readonly outside: string | undefined;
  private read: Annotations;
  /** Entities of `read`, moved by edits of the text since. */
  private entities: readonly Entity[];
  private readonly lost = new LostEntities();

  /** @param outside label of tokens in no entity; default: `O` where the annotations hold one, else undefined. */
  constructor(
    format: 'txt' | 'standoff',
    language: string,
    text: string,
    annotations: string,
    outside: string | undefined,
  ) {
    super(new RawReader(format, segmentsOf(language)), () => 'ner', text);
    this.outside = outside;
    this.read = readAnnotations(annotations, text);
    this.entities = this.read.entities;
    this.label(0, this.pieces.length);
  }

  get annotations(): string {
    return this.upToDate().source;
  }

  annotationFindings(): Finding[] {
    return [...this.upToDate().findings];
  }

  override edit(edits: readonly TextEdit[]): { first: number; removed: number; inserted: number } {
    const sentences = this.pieces.length;
    const entities = movedEntities(this.entities, edits);
    this.lost.note(() => this.text, this.entities, entities);
    const inPieces = new Set(
      this.entities.filter(({ pieces }) => pieces !== undefined).map(({ lineStart }) => lineStart),
    );
    const change = super.edit(edits);
    this.entities = entities;
    const back = this.lost.takeBack(this.offsetOf(this.pieces.length), () => this.text);
    // An annotation of which a single piece is left is shown from now on, maybe far from the edit.
    const isWhole = ({ pieces, lineStart }: Entity) => pieces === undefined && inPieces.has(lineStart);
    if (back.length === 0 && !entities.some(isWhole)) {
      this.label(change.first, change.first + change.inserted);
      return change;
    }
    if (back.length > 0) this.restore(back);
    this.label(0, this.pieces.length);
    return { first: 0, removed: sentences, inserted: this.pieces.length };
  }

  editAnnotations(edits: readonly TextEdit[]): void {
    const before = this.entities;
    this.read = readAnnotations(applyEdits(this.annotations, edits), this.text);
    this.entities = this.read.entities;
    const place = ({ id, start, end }: Entity) => `${id} ${start} ${end}`;
    const left = new Set(this.entities.map(place));
    this.lost.forget(new Set(before.filter((entity) => !left.has(place(entity))).map(({ id }) => id)));
    this.label(0, this.pieces.length);
  }

  override setLabels(sentence: number, start: number, labels: readonly (string | undefined)[]): TextEdit[] {
    return this.setLabelsOf([{ sentence, start, labels }]);
  }

  setLabelsOf(changes: readonly LabelChange[]): TextEdit[] {
    const annotations = this.upToDate();
    const targets = new Map(changes.map((change) => [change.sentence, this.target(change)]));
    const removed = new Set<Entity>();
    // Grows while it is walked: a sentence into which a removed entity reaches keeps its labels, with a span of its own.
    const sentences = [...targets.keys()];
    for (const sentence of sentences) {
      for (const { start, end } of this.remove(targets.get(sentence)!, removed)) {
        for (let reached = this.sentenceAt(start); reached <= this.sentenceAt(end - 1); reached++) {
          if (reached === sentence) continue;
          if (!targets.has(reached)) targets.set(reached, this.target({ sentence: reached, start: 0, labels: [] }));
          sentences.push(reached);
        }
      }
    }
    const added = [...targets.values()].flatMap((target) => missing(target, removed));
    return entityEdits(annotations, this.text, [...removed], added, this.lost.ids());
  }

  private target({ sentence, start, labels }: LabelChange): Target {
    this.check(sentence, start, labels);
    const { tokens, length } = this.sentences[sentence]!;
    const base = this.offsetOf(sentence);
    const entities = this.entitiesIn(base, base + length);
    const { runs } = align(tokens, relative(entities, base), this.outside);
    const wanted = runsOf(
      tokens.map((token, at) => (at < start || at >= start + labels.length ? token.label : labels[at - start])),
    );
    return { base, tokens, entities, runs, wanted };
  }

  /**
   * Adds to `removed` what is shown in a sentence and no longer wanted, and what is hidden and would then be shown.
   * @returns the entities that it has added
   */
  private remove(target: Target, removed: Set<Entity>): Entity[] {
    const { base, tokens, entities, runs, wanted } = target;
    const before = entities.filter((entity) => !removed.has(entity));
    for (const [index, entity] of entities.entries()) {
      const run = runs[index];
      if (run !== undefined && !wanted.some((other) => sameRun(run, other))) removed.add(entity);
    }
    const hidden = entities.filter((_, index) => runs[index] === undefined);
    const hiddenLeft = () => hidden.filter((entity) => !removed.has(entity));
    // One that goes may bring another one to light.
    for (let shown = hiddenLeft(); shown.length > 0; ) {
      const spans = [...entities.filter((entity) => !removed.has(entity)), ...missing(target, removed)].sort(byStart);
      const { runs: then } = align(tokens, relative(spans, base), this.outside);
      shown = hiddenLeft().filter((entity) => then[spans.indexOf(entity)] !== undefined);
      for (const entity of shown) removed.add(entity);
    }
    return before.filter((entity) => removed.has(entity));
  }

  /** An undone edit gives entities their places back; those whose lines were written away meanwhile get new lines. */
  private restore(back: readonly Entity[]): void {
    const lines = new Map(this.read.entities.map((entity) => [entity.id, entity]));
    const ids = new Set(back.map(({ id }) => id));
    const placed = back.flatMap(({ id, start, end, pieces }) => {
      const line = lines.get(id);
      return line === undefined ? [] : [{ ...line, start, end, pieces, moved: true }];
    });
    this.entities = [...this.entities.filter(({ id }) => !ids.has(id)), ...placed].sort(byStart);
    const gone = back.filter(({ id }) => !lines.has(id));
    if (gone.length === 0) return;
    const { source } = this.upToDate();
    this.read = readAnnotations(applyEdits(source, appended(source, this.text, gone)), this.text);
    this.entities = this.read.entities;
  }

  /** The annotation file with the offsets of the text as it is now. */
  private upToDate(): Annotations {
    if (this.entities !== this.read.entities) {
      this.read = readAnnotations(
        writeMoved(this.read.source, this.read.entities, this.entities, this.text),
        this.text,
      );
      this.entities = this.read.entities;
    }
    return this.read;
  }

  /** Gives the sentences [first, end) the labels of the entities. */
  private label(first: number, end: number): void {
    for (let index = first; index < end; index++) {
      const piece = this.pieces[index]!;
      const raw = piece instanceof LabelledSentence ? piece.raw : piece;
      const base = this.offsetOf(index);
      const spans = relative(this.entitiesIn(base, base + raw.length), base);
      if (piece instanceof LabelledSentence && piece.has(spans)) continue;
      this.pieces[index] =
        spans.length === 0 && this.outside === undefined ? raw : new LabelledSentence(raw, spans, this.outside);
    }
  }

  /** The entities that touch [start, end) and can be shown, in order. */
  private entitiesIn(start: number, end: number): Entity[] {
    const { entities } = this;
    let low = 0;
    let high = entities.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (entities[middle]!.start < end) low = middle + 1;
      else high = middle;
    }
    const found: Entity[] = [];
    // Sorted by start, an earlier entity may still reach in here; none is longer than the longest.
    for (let at = low - 1; at >= 0 && entities[at]!.start > start - this.longest(); at--) {
      if (entities[at]!.end > start && entities[at]!.pieces === undefined) found.push(entities[at]!);
    }
    return found.reverse();
  }

  private longestOf: readonly Entity[] | undefined;
  private longestLength = 0;

  private longest(): number {
    if (this.longestOf !== this.entities) {
      this.longestOf = this.entities;
      this.longestLength = this.entities.reduce(
        (most, { start, end, pieces }) => (pieces === undefined ? Math.max(most, end - start) : most),
        0,
      );
    }
    return this.longestLength;
  }
}

function relative(spans: readonly CharacterSpan[], base: number): CharacterSpan[] {
  return spans.map(({ start, end, label }) => ({ start: start - base, end: end - base, label })).sort(byStart);
}

/** The spans that are wanted in a sentence and that none of its entities shows, once some are removed. */
function missing({ base, tokens, entities, runs, wanted }: Target, removed: ReadonlySet<Entity>): CharacterSpan[] {
  const shown = runs.filter((_, index) => !removed.has(entities[index]!));
  return wanted
    .filter((run) => !shown.some((other) => other !== undefined && sameRun(run, other)))
    .map(({ start, end, label }) => ({ label, start: base + tokens[start]!.start, end: base + tokens[end - 1]!.end }));
}

function sameRun(a: TokenRun, b: TokenRun): boolean {
  return a.start === b.start && a.end === b.end && a.label === b.label;
}

function labelled(
  raw: Sentence,
  spans: readonly CharacterSpan[],
  outside: string | undefined,
): Pick<Sentence, 'tokens' | 'findings'> {
  const { labels, findings } = align(raw.tokens, spans, outside);
  const across = spans.filter(({ start, end }) => start >= 0 && end > raw.length);
  const more = across.map(
    ({ start, label }): Finding => ({
      code: 'format.span-across-sentences',
      severity: 'warning',
      message: `the span ${label} goes over the end of a sentence; it is shown as two, so end it where the sentence ends`,
      start,
      end: raw.length,
    }),
  );
  return {
    tokens: raw.tokens.map((token, index) => ({ ...token, label: labels[index] })),
    findings: [
      ...raw.findings,
      ...findings.map((finding) => ({ ...finding, end: Math.min(finding.end, raw.length) })),
      ...more,
    ],
  };
}
