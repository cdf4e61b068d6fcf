import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import type { CancellationToken } from 'vscode-jsonrpc';
import { parseDocument, type TextDocument } from '../../../server/text/index.ts';
import { Suggestions } from '../../../server/workspace/suggestions.ts';
import { type Taggable, TaggingQueue } from '../../../server/workspace/tagging-queue.ts';

/** Sentences of 100 words, the first of each being its number. */
function documentOf(count: number, label = '_'): TextDocument {
  const rows = Array.from({ length: count }, (_, i) => `${i} ${label}\n${`w ${label}\n`.repeat(99)}\n`);
  return parseDocument(rows.join(''), { format: 'conll', task: 'ner' });
}

function suggestions(): Suggestions {
  const reference = { folder: '/m', created: '', engine: 'auto', threads: 1 };
  const known = { folder: '/m', name: 'm', task: 'ner', created: '', languages: [] } as const;
  return new Suggestions({ ...known, scheme: 'bio', tags: ['O'], reference, language: '' });
}

/** A queue whose model answers when it is told to; `asked` holds the numbers of the sentences of each request. */
function start(document: Taggable) {
  const asked: number[][] = [];
  const events: string[] = [];
  const waiting: { answer: () => void; token: CancellationToken }[] = [];
  const queue = new TaggingQueue<Taggable>({
    tag: (_, sentences, token) => {
      asked.push(sentences.map(([first]) => Number(first)));
      return new Promise((resolve, reject) => {
        token.onCancellationRequested(() => reject(new Error('cancelled')));
        waiting.push({ answer: () => resolve(sentences.map((words) => Uint16Array.of(words.length))), token });
      });
    },
    tagged: (_, visible) => events.push(visible ? 'visible' : 'background'),
    busy: (busy) => events.push(busy ? 'busy' : 'idle'),
    failed: (error) => events.push(String(error)),
  });
  const answer = async () => {
    await wait(0);
    waiting.shift()!.answer();
    await wait(0);
  };
  return { queue, asked, events, waiting, answer, document };
}

describe('the queue', () => {
  it('asks for the visible sentences first, then for those around them, nearest first', async () => {
    const { queue, asked, answer, document, events } = start({ text: documentOf(40), suggestions: suggestions() });
    queue.show(document, 20, 23);
    await answer();
    expect(asked[0]).toEqual([20, 21, 22]);
    expect(asked[1]!.toSorted((a, b) => a - b)).toEqual([15, 16, 17, 18, 19, 23, 24, 25, 26, 27]);
    while (events.at(-1) !== 'idle') await answer();
    expect(asked.flat().toSorted((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, i) => i));
    expect(events.slice(0, 3)).toEqual(['busy', 'visible', 'background']);
  });

  it('drops what it asked for in the background when a person scrolls', async () => {
    const { queue, asked, answer, document, waiting } = start({ text: documentOf(40), suggestions: suggestions() });
    queue.show(document, 0, 2);
    await answer();
    queue.show(document, 35, 37);
    await wait(0);
    expect(waiting[0]!.token.isCancellationRequested).toBe(true);
    expect(asked.at(-1)).toEqual([35, 36]);
  });

  it('tags decided sentences only where they are visible', async () => {
    const { queue, asked, answer, document, events } = start({ text: documentOf(20, 'O'), suggestions: suggestions() });
    queue.show(document, 5, 7);
    await answer();
    expect(asked).toEqual([[5, 6]]);
    expect(events.at(-1)).toBe('idle');
  });

  it('asks again for a sentence that was edited, and for no other', async () => {
    const { queue, asked, answer, document, events } = start({ text: documentOf(8), suggestions: suggestions() });
    queue.show(document, 0, 8);
    while (events.at(-1) !== 'idle') await answer();
    asked.length = 0;
    const at = document.text.offsetOf(3);
    queue.edited(document, document.text.edit([{ start: at, end: at, text: '9' }]));
    await answer();
    expect(asked).toEqual([[93]]);
  });

  it('searches once for all edits of a notification, and in the document that was edited', async () => {
    const { queue, asked, answer, document, events } = start({ text: documentOf(8), suggestions: suggestions() });
    const other = { text: documentOf(8), suggestions: document.suggestions };
    for (const shown of [other, document]) queue.show(shown, 0, 2);
    while (events.at(-1) !== 'idle') await answer();
    const reads = [document, other].map(({ text }) => vi.spyOn(text, 'sentences', 'get'));
    const edits = [5, 6].map((index) => {
      const at = document.text.offsetOf(index);
      return document.text.edit([{ start: at, end: at, text: '9' }]);
    });
    for (const read of reads) read.mockClear();
    for (const edit of edits) queue.edited(document, edit);
    expect(reads.map(({ mock }) => mock.calls.length)).toEqual([0, 0]);
    asked.length = 0;
    await answer();
    expect(asked).toEqual([[95, 96]]);
  });

  it('comes back to what was dropped in the background for an edit of another document', async () => {
    const { queue, asked, answer, document, events } = start({ text: documentOf(20), suggestions: suggestions() });
    const other = { text: documentOf(1, 'O'), suggestions: suggestions() };
    queue.show(document, 0, 2);
    queue.show(other, 0, 1);
    await answer();
    await answer();
    expect(asked.at(-1)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    queue.edited(other, other.text.edit([{ start: 0, end: 0, text: '7' }]));
    await wait(0);
    expect(asked.at(-1)).toEqual([70]);
    asked.length = 0;
    while (events.at(-1) !== 'idle') await answer();
    expect(asked.flat()).toEqual(Array.from({ length: 18 }, (_, i) => i + 2));
  });

  it('leaves the far ends of a big file alone', async () => {
    const { queue, asked, answer, document, events } = start({ text: documentOf(6000), suggestions: suggestions() });
    queue.show(document, 3000, 3001);
    while (events.at(-1) !== 'idle') await answer();
    expect(asked.flat().length).toBe(401);
    expect(Math.min(...asked.flat())).toBe(2800);
  });

  it('rests without a model, and after an error until something changes', async () => {
    const { queue, asked, events, waiting, document } = start({ text: documentOf(3), suggestions: undefined });
    queue.show(document, 0, 3);
    expect(asked).toEqual([]);
    const failing = new TaggingQueue<Taggable>({
      tag: () => Promise.reject(new Error('no')),
      tagged: () => undefined,
      busy: () => undefined,
      failed: (error) => events.push(String(error)),
    });
    failing.show({ text: documentOf(3), suggestions: suggestions() }, 0, 3);
    await wait(0);
    expect(events).toEqual(['Error: no']);
    expect(waiting).toEqual([]);
  });
});
