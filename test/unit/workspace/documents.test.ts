// A raw text and its annotation file, while somebody types.
import { describe, expect, it } from 'vitest';
import { type AnnotatedDocument, applyEdits, isAnnotated } from '../../../server/text/index.ts';
import { OpenDocument } from '../../../server/workspace/documents.ts';
import { parseSettings } from '../../../server/workspace/settings.ts';

const TEXT = 'Abebe lives in አዲስ አበባ. Ali sings.\n';
const FILE = 'T1\tPER 0 5\tAbebe\nT2\tLOC 15 22\tአዲስ አበባ\n';

function open(text: string, annotations?: string, uri = 'file:///a%20b/x.txt') {
  const document = new OpenDocument(
    { uri, languageId: 'plaintext', version: 1, text },
    parseSettings({ format: 'txt' }),
  );
  document.annotate({ version: null, text: annotations });
  const annotated = (): AnnotatedDocument => {
    if (!isAnnotated(document.text)) throw new Error('raw text has annotations');
    return document.text;
  };
  return { document, annotated };
}

function insert(document: OpenDocument, text: string): void {
  const start = { line: 0, character: 0 };
  document.change({ range: { start, end: start }, text });
}

describe('an annotation file', () => {
  it('that is read again unchanged leaves the annotations where typing has moved them', () => {
    const { document, annotated } = open(TEXT, FILE);
    insert(document, '😀 ');
    expect(document.annotate({ version: 1, text: FILE })).toBe(false);
    expect(document.annotationFile.version).toBe(1);
    expect(annotated().annotations).toBe('T1\tPER 2 7\tAbebe\nT2\tLOC 17 24\tአዲስ አበባ\n');
  });

  it('that was saved while somebody typed on leaves them there too', () => {
    const { document, annotated } = open(TEXT, FILE);
    insert(document, 'x ');
    const { annotations: saved } = annotated();
    insert(document, 'y ');
    document.annotationsSaved(saved);
    expect(document.annotate({ version: null, text: saved })).toBe(false);
    expect(annotated().annotations).toContain('T1\tPER 4 9\tAbebe\n');
  });

  it('that was really changed, or deleted, gives its labels', () => {
    const { document, annotated } = open(TEXT, FILE);
    expect(document.annotate({ version: null, text: FILE.replace('PER', 'ORG') })).toBe(true);
    expect(annotated().sentences[0]!.tokens[0]!.label).toBe('B-ORG');
    expect(document.annotate({ version: null, text: undefined })).toBe(true);
    expect(annotated().sentences[0]!.tokens[0]!.label).toBeUndefined();
  });
});

/** Keeps the file from being empty between the two changes. */
const NOTE = '#1\tAnnotatorNotes T1\tsure\r\n';

describe('labels in several sentences', () => {
  // The two characters end in the same half of a surrogate pair.
  it('parts no character and no line end', () => {
    const { document, annotated } = open('😀. 🨀.\r\n', `${NOTE}T1\tX 0 1\t😀\r\n`);
    const labels = (first: string | undefined, second: string | undefined) =>
      new Map([
        [0, [first, undefined]],
        [1, [second, undefined]],
      ]);
    const edits = document.tagEdits(labels(undefined, 'B-X'));
    for (const { start, end, text } of edits) {
      expect(text).not.toMatch(/\p{Cs}/u);
      for (const at of [start, end]) {
        expect(annotated().annotations.slice(at - 1, at + 1)).not.toMatch(/^(?:\r\n|[\ud800-\udbff][\udc00-\udfff])$/);
      }
    }
    expect(applyEdits(annotated().annotations, edits)).toBe(`${NOTE}T2\tX 3 4\t🨀\r\n`);
  });
});
