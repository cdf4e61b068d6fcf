// The annotation file of brat (`.ann`): text-bound annotations are read, everything else is kept as it stands.
import { byStart, type CharacterSpan } from './alignment.ts';
import { CodePoints } from './code-points.ts';
import { applyEdits } from './document.ts';
import { isBlank, lineEnd, nextLine } from './lines.ts';
import type { Finding, TextEdit } from './types.ts';

/** [start, end) in UTF-16 units of the text file. */
type Stretch = Pick<CharacterSpan, 'start' | 'end'>;

/** A text-bound annotation, in UTF-16 units of the text file. */
export interface Entity extends CharacterSpan {
  readonly id: string;
  /** Of one in several pieces, from the first to the last of which it extends: it moves with its text, but is not shown. */
  readonly pieces?: readonly Stretch[] | undefined;
  /** Its line in the annotation file, the line end included. */
  readonly lineStart: number;
  readonly lineEnd: number;
  /** Its offsets, or its text, are no longer those of the line. */
  readonly moved: boolean;
}

/** An annotation file as it was read. */
export interface Annotations {
  readonly source: string;
  /** Sorted by start, the longer first. */
  readonly entities: readonly Entity[];
  /** Offsets in `source`. */
  readonly findings: readonly Finding[];
}

/** Reads an annotation file; mistakes in it become findings. Offsets in the file count code points of `text`. */
export function readAnnotations(source: string, text: string): Annotations {
  const entities: Entity[] = [];
  const findings: Finding[] = [];
  const points = new CodePoints(text);
  const ids = new Set<string>();
  for (let at = source.charCodeAt(0) === 0xfeff ? 1 : 0; at < source.length; ) {
    const end = lineEnd(source, at);
    const next = nextLine(source, end);
    const line = source.slice(at, end);
    const problem = (severity: Finding['severity'], message: string) =>
      findings.push({ code: 'format.annotation', severity, message, start: at, end });
    const parts = /^(T\S*)\t(\S+) (\d+ \d+(?:;\d+ \d+)*)(?:\t(.*))?$/s.exec(line);
    if (parts !== null) {
      const [, id, label, offsets, covered] = parts;
      const pieces = offsets!.split(';').map((piece): Stretch => {
        const [start, end] = piece.split(' ').map((offset) => points.toUnits(Number(offset)));
        return { start: start!, end: end! };
      });
      const isWhole = pieces.length === 1;
      const isInText = pieces.every((piece) => piece.start < piece.end && piece.end <= text.length);
      if (!isWhole) problem('information', 'an annotation in several pieces; it is kept but cannot be shown as labels');
      else if (!isInText) {
        problem(
          'error',
          `${id} covers ${offsets!.replace(' ', ' to ')}, which is not in the text; correct its offsets`,
        );
      }
      if (isInText) {
        if (ids.has(id!)) problem('error', `${id} occurs twice; give each annotation its own id`);
        ids.add(id!);
        if (isWhole && covered !== undefined && covered !== coveredText(text, pieces)) {
          problem(
            'warning',
            `${id} says "${covered}" where the text has "${coveredText(text, pieces)}"; correct its offsets`,
          );
        }
        entities.push({ id: id!, label: label!, ...extent(pieces), lineStart: at, lineEnd: next, moved: false });
      }
    } else if (/^T/.test(line) || (!isBlank(line, 0, line.length) && !/^([REAMN*#]\S*)\t/.test(line))) {
      problem('error', 'no line of a brat annotation file; write T1, a tab, TYPE START END, a tab and the text');
    }
    at = next;
  }
  return { source, entities: entities.sort(byStart), findings };
}

/** The text of a span as brat writes it: on one line, with a blank between pieces. */
function coveredText(text: string, pieces: readonly Stretch[]): string {
  return pieces.map(({ start, end }) => text.slice(start, end).replace(/[\r\n]/g, ' ')).join(' ');
}

/** How much of the text an entity covers, what lies between its pieces not counted. */
export function coveredLength({ start, end, pieces }: Entity): number {
  return pieces === undefined ? end - start : pieces.reduce((sum, piece) => sum + piece.end - piece.start, 0);
}

/** Where pieces lie; one that is left alone is the whole. */
function extent(pieces: readonly Stretch[]): Pick<Entity, 'start' | 'end' | 'pieces'> {
  const start = pieces.reduce((least, piece) => Math.min(least, piece.start), Number.POSITIVE_INFINITY);
  const end = pieces.reduce((most, piece) => Math.max(most, piece.end), 0);
  return { start, end, pieces: pieces.length > 1 ? pieces : undefined };
}

/** Moves entities along with edits of the text; those whose text is deleted go. */
export function movedEntities(entities: readonly Entity[], edits: readonly TextEdit[]): Entity[] {
  let moved = [...entities];
  // From the last edit to the first, so that the offsets of the others still hold.
  for (const edit of [...edits].sort((a, b) => b.start - a.start || b.end - a.end)) {
    moved = moved.flatMap((entity) => movedEntity(entity, edit) ?? []);
  }
  return moved.sort(byStart);
}

function movedEntity(entity: Entity, edit: TextEdit): Entity | undefined {
  if (entity.end <= edit.start) return entity;
  // Even where no unit is added, the number of code points may differ.
  if (entity.pieces === undefined) {
    const stretch = movedStretch(entity, edit);
    return stretch && { ...entity, ...stretch, moved: true };
  }
  const pieces = entity.pieces.flatMap((piece) => movedStretch(piece, edit) ?? []);
  return pieces.length === 0 ? undefined : { ...entity, ...extent(pieces), moved: true };
}

function movedStretch({ start, end }: Stretch, { start: from, end: to, text }: TextEdit): Stretch | undefined {
  const delta = text.length - (to - from);
  if (end <= from) return { start, end };
  if (start >= to) return { start: start + delta, end: end + delta };
  if (from < start && to >= end) return undefined;
  if (from === start && to > end) return undefined;
  const newStart = from < start ? from + text.length : start;
  const newEnd = to >= end ? (to === end ? from + text.length : from) : end + delta;
  return newStart < newEnd ? { start: newStart, end: newEnd } : undefined;
}

/** The annotation file after its text has changed: lines of moved entities anew, lines of lost ones gone, others verbatim. */
export function writeMoved(source: string, before: readonly Entity[], now: readonly Entity[], text: string): string {
  const points = new CodePoints(text);
  const kept = new Map(now.map((entity) => [entity.lineStart, entity]));
  const edits: TextEdit[] = [];
  for (const { lineStart, lineEnd: end } of before) {
    const entity = kept.get(lineStart);
    if (entity === undefined) edits.push({ start: lineStart, end, text: '' });
    else if (entity.moved)
      edits.push({
        start: lineStart,
        end: lineEnd(source, lineStart),
        text: entityLine(entity.id, entity, text, points),
      });
  }
  return applyEdits(source, edits);
}

function entityLine(
  id: string,
  span: CharacterSpan & Pick<Entity, 'pieces'>,
  text: string,
  points: CodePoints,
): string {
  const pieces = span.pieces ?? [span];
  const offsets = pieces.map(({ start, end }) => `${points.fromUnits(start)} ${points.fromUnits(end)}`).join(';');
  return `${id}\t${span.label} ${offsets}\t${coveredText(text, pieces)}`;
}

/**
 * Edits of an annotation file that delete entities and add spans. A span in the place of an entity keeps its id, to which
 * other lines may refer; the others get fresh ones.
 * @param reserved ids of entities that an undo may bring back
 */
export function entityEdits(
  annotations: Annotations,
  text: string,
  removed: readonly Entity[],
  added: readonly CharacterSpan[],
  reserved: readonly string[],
): TextEdit[] {
  const { source } = annotations;
  const points = new CodePoints(text);
  const { kept, left } = successors(removed, added);
  const edits = removed.map((entity): TextEdit => {
    const { id, lineStart } = entity;
    const span = kept.get(entity);
    if (span === undefined) return { start: lineStart, end: entity.lineEnd, text: '' };
    if (!sameExtent(entity, span)) {
      return { start: lineStart, end: lineEnd(source, lineStart), text: entityLine(id, span, text, points) };
    }
    const start = lineStart + id.length + 1;
    return { start, end: start + entity.label.length, text: span.label };
  });
  if (left.length === 0) return edits;
  let id = reserved.reduce((most, other) => Math.max(most, highestId(other)), highestId(source));
  return [
    ...edits,
    ...appended(
      source,
      text,
      left.map((span) => ({ ...span, id: `T${++id}` })),
    ),
  ];
}

/** Which added span takes the place of which removed entity: the same words first, then words in common. */
function successors(
  removed: readonly Entity[],
  added: readonly CharacterSpan[],
): { kept: ReadonlyMap<Entity, CharacterSpan>; left: CharacterSpan[] } {
  const kept = new Map<Entity, CharacterSpan>();
  const left = [...added];
  const overlaps = (a: CharacterSpan, b: CharacterSpan) => a.start < b.end && b.start < a.end;
  const sameLabel = (a: CharacterSpan, b: CharacterSpan) => overlaps(a, b) && a.label === b.label;
  for (const fits of [sameExtent, sameLabel, overlaps]) {
    for (const entity of removed) {
      const at = kept.has(entity) ? -1 : left.findIndex((span) => fits(entity, span));
      if (at >= 0) kept.set(entity, left.splice(at, 1)[0]!);
    }
  }
  return { kept, left };
}

function sameExtent(a: CharacterSpan, b: CharacterSpan): boolean {
  return a.start === b.start && a.end === b.end;
}

/** The edit that adds spans with their ids at the end of an annotation file. */
export function appended(
  source: string,
  text: string,
  spans: readonly (CharacterSpan & Pick<Entity, 'id' | 'pieces'>)[],
): TextEdit[] {
  const points = new CodePoints(text);
  const eol = /\r\n|\n|\r/.exec(source)?.[0] ?? '\n';
  const lines = spans.map((span) => `${entityLine(span.id, span, text, points)}${eol}`).join('');
  const open = source !== '' && !/[\r\n\ufeff]$/.test(source);
  return [{ start: source.length, end: source.length, text: `${open ? eol : ''}${lines}` }];
}

/** A new annotation file for a text. */
export function annotate(text: string, spans: readonly CharacterSpan[]): string {
  return applyEdits('', entityEdits({ source: '', entities: [], findings: [] }, text, [], spans, []));
}

/** The highest number of a `T` id; those of lines that could not be read count, and those to which a line refers. */
function highestId(source: string): number {
  let highest = 0;
  // Ids stand in the first two fields of a line; what follows is text.
  for (const [fields] of source.matchAll(/^[^\t\r\n]+(?:\t[^\t\r\n]*)?/gm)) {
    for (const match of fields.matchAll(/(?<![^\ufeff\s:])T(\d{1,15})/g)) highest = Math.max(highest, Number(match[1]));
  }
  return highest;
}
