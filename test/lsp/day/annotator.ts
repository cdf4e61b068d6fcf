// An annotator with a seed: what she does next, and what her files must hold then.

import { expect } from 'vitest';
import type { Range } from 'vscode-languageserver-protocol';
import type { Hits, JournalledEdit, LabelsResult, ResizeResult, ShownLabel } from '../../../server/protocol.ts';
import type { Desk } from './desk.ts';
import { CONLL, changed, type LabelledFile, type Sentence } from './file.ts';
import { cutAt, give, joinedAt, opened, spansIn, splitAt, type Tags } from './labels.ts';

const LABELS = ['PER', 'LOC', 'ORG'] as const;
const PARTS = ['NOUN', 'VERB', 'ADJ', 'PROPN', 'ADP', 'PUNCT'] as const;

/** Places that one bulk action labels at most. */
const MOST_PLACES = 40;

const characters = new Intl.Segmenter('und', { granularity: 'grapheme' });

export class Annotator {
  readonly desk: Desk;
  readonly #random: () => number;
  /** How often each kind of correction was made. */
  readonly done = new Map<string, number>();
  /** Suggestions that had changed between being seen and being accepted. */
  renewed = 0;

  constructor(desk: Desk, random: () => number) {
    this.desk = desk;
    this.#random = random;
  }

  get corrections(): number {
    return [...this.done.values()].reduce((sum, count) => sum + count, 0);
  }

  pick(n: number): number {
    return Math.floor(this.#random() * n);
  }

  #of<T>(items: readonly T[]): T {
    return items[this.pick(items.length)]!;
  }

  /** One correction, or a try that comes to nothing. */
  async correct(): Promise<void> {
    const file = this.#of(this.desk.files);
    const index = this.pick(file.sentences.length);
    const kinds: [string, number, () => Promise<boolean>][] = [
      ['relabel', 40, () => this.relabel(file, index)],
      ['accept', 12, () => this.#suggestion(file, index, 'accept')],
      ['reject', 8, () => this.#suggestion(file, index, 'reject')],
      ['review', 10, () => this.#review(file, index)],
      ['resize', 8, () => this.#resize(file, index)],
      ['bulk', 3, () => this.#bulk(file, index)],
      ['type a label', 5, () => this.#typeLabel(file, index)],
      ['type a word', 1, () => this.#typeWord(file, index)],
      ['structure', 3, () => this.#structure(file, index)],
      ['undo', 6, () => this.desk.back(file, 'undo')],
      ['redo', 3, () => this.desk.back(file, 'redo')],
    ];
    const lots = kinds.flatMap((kind) => Array.from({ length: kind[1] }, () => kind));
    const [name, , act] = this.#of(lots);
    if (await act()) this.done.set(name, (this.done.get(name) ?? 0) + 1);
  }

  /** Her hands on the tags of one sentence. */
  #tagged(
    file: LabelledFile,
    index: number,
    tags: Tags,
    work: () => Promise<unknown>,
    more: Partial<Sentence> = {},
  ): Promise<void> {
    return this.desk.step(file, index, 1, [changed(file.sentences[index]!, tags, more)], work);
  }

  #label(method: string, file: LabelledFile, range: Range, params: object): () => Promise<readonly string[]> {
    return () => this.desk.editor.label(method, { uri: this.desk.uri(file), range, ...params });
  }

  async relabel(file: LabelledFile, index: number): Promise<boolean> {
    const { tags } = file.sentences[index]!;
    const start = this.pick(tags.length);
    const isPos = file.layout.task === 'pos';
    const end = isPos ? start + 1 : Math.min(tags.length, start + 1 + this.pick(3));
    // In raw text everything that has no label in a reviewed sentence is `O`.
    const isWhole = file.isRaw && file.sentences[index]!.reviewed;
    const label = this.#of<string | null>(isPos ? [...PARTS, '_'] : [...LABELS, ...LABELS, null, isWhole ? null : '_']);
    const given = give(tags, start, end, label, file.layout.task);
    // What is left of an entity in brat is one.
    const after = file.isRaw ? opened(given) : given;
    const range = file.range(index, start, end);
    await this.#tagged(file, index, after, this.#label('relabel', file, range, { label }));
    return true;
  }

  async #shown(file: LabelledFile, index: number): Promise<readonly ShownLabel[]> {
    const range = file.range(index, 0, file.sentences[index]!.tags.length);
    const params = { uri: this.desk.uri(file), range };
    return (await this.desk.editor.client.request<LabelsResult>('crosstag/labels', params)).labels;
  }

  async #suggestion(file: LabelledFile, index: number, what: 'accept' | 'reject'): Promise<boolean> {
    if (what === 'reject' && file.layout.task === 'pos') return false;
    const suggested = (await this.#shown(file, index)).filter(({ origin }) => origin === 'model');
    if (suggested.length === 0) return false;
    const { range, label } = this.#of(suggested);
    const { tags } = file.sentences[index]!;
    const start = file.find(range).token;
    let end = start + 1;
    while (!isEnd(file.range(index, start, end), range) && end < tags.length) end++;
    const params = what === 'accept' ? { what: 'touched', minimumProbability: 0 } : {};
    const after = give(tags, start, end, what === 'accept' ? label : null, file.layout.task);
    const edit = await this.desk.editor.client.request<JournalledEdit>(`crosstag/${what}`, {
      ...{ uri: this.desk.uri(file), range, ...params },
    });
    const now = (await this.#shown(file, index)).filter(({ origin }) => origin === 'model');
    const isThere = now.some((one) => one.label === label && JSON.stringify(one.range) === JSON.stringify(range));
    // A model that has learnt meanwhile says something else; nobody wants that unseen.
    if (!isThere && !this.#isAsSeen(edit, file, index, after)) {
      this.renewed++;
      const ids = edit.journal ?? [];
      await this.desk.editor.client.connection.sendNotification('crosstag/editDropped', { ids });
      this.desk.check(file);
      return false;
    }
    await this.#tagged(file, index, after, () => this.desk.editor.apply(edit));
    return true;
  }

  /** Whether an edit gives a sentence these tags. */
  #isAsSeen(edit: JournalledEdit, file: LabelledFile, index: number, after: Tags): boolean {
    const uri = this.desk.labelled(file);
    const sentences = file.sentences.toSpliced(index, 1, changed(file.sentences[index]!, after));
    return !file.isRaw && this.desk.editor.preview(uri, edit) === file.text(sentences);
  }

  async #review(file: LabelledFile, index: number): Promise<boolean> {
    const sentence = file.sentences[index]!;
    const { tags } = sentence;
    const reviewed = !sentence.reviewed || this.pick(4) > 0;
    const review = this.#label('review', file, file.range(index, 0, tags.length), { reviewed });
    const isUndecided = reviewed && tags.includes('_');
    if (reviewed === sentence.reviewed && !isUndecided) {
      await this.#tagged(file, index, tags, review);
      return false;
    }
    if (isUndecided && file.layout.task === 'pos') {
      await expect(review()).rejects.toThrow('a reviewed sentence has a part of speech for each word');
      return false;
    }
    let after = tags;
    if (reviewed) for (const [t, tag] of tags.entries()) if (tag === '_') after = give(after, t, t + 1, null, 'ner');
    const reviews = [...sentence.reviews, { reviewed, changed: after.some((tag, i) => tag !== tags[i]) }];
    await this.#tagged(file, index, after, review, { reviewed, reviews });
    return true;
  }

  async #resize(file: LabelledFile, index: number): Promise<boolean> {
    const { tags } = file.sentences[index]!;
    const spans = file.layout.task === 'pos' ? [] : spansIn(tags);
    if (spans.length === 0) return false;
    const span = this.#of(spans);
    const [end, by] = [this.#of(['start', 'end'] as const), this.#of([1, -1] as const)];
    const start = span.start + (end === 'start' ? by : 0);
    const stop = span.end + (end === 'end' ? by : 0);
    const isPossible = start >= 0 && stop <= tags.length && start < stop;
    let after = [...tags];
    if (isPossible) {
      after = give(after, start, stop, span.label, 'ner');
      if (start > span.start) after = give(after, span.start, start, null, 'ner');
      if (stop < span.end) after = give(after, stop, span.end, null, 'ner');
    }
    const { editor } = this.desk;
    const params = { uri: this.desk.uri(file), range: file.range(index, span.start, span.end), end, by };
    await this.#tagged(file, index, after, async () => {
      const result = await editor.client.request<ResizeResult>('crosstag/resize', params);
      expect('edit' in result).toBe(isPossible);
      if ('edit' in result) await editor.apply(result.edit);
    });
    return isPossible;
  }

  /** The words of a span get its label wherever they stand without one. */
  async #bulk(file: LabelledFile, index: number): Promise<boolean> {
    const { tags } = file.sentences[index]!;
    const spans = file.layout.task === 'pos' ? [] : spansIn(tags);
    if (spans.length === 0) return false;
    const { start, end, label } = this.#of(spans);
    const words = file.words(file.sentences[index]!).slice(start, end);
    const places = occurrences(file, words).filter((place) => place.index !== index || place.token !== start);
    if (places.length > MOST_PLACES) return false;
    const { editor } = this.desk;
    const uri = this.desk.uri(file);
    const params = { uri, range: file.range(index, start, end), scope: 'file', ignoreCase: false };
    const { hits } = await editor.client.request<Hits>('crosstag/occurrences', params);
    const wanted = hits.filter((hit) => hit.wanted);
    expect(wanted.map(({ range }) => file.find(range))).toEqual(places);
    if (wanted.length === 0) return false;
    const after = [...file.sentences];
    for (const { index: at, token } of places) {
      after[at] = changed(after[at]!, give(after[at]!.tags, token, token + words.length, label, 'ner'));
    }
    const group = `bulk ${this.corrections}`;
    await this.desk.step(file, 0, after.length, after, () =>
      editor.label('labelHits', { uri, hits: wanted, label, group }),
    );
    return true;
  }

  async #typeLabel(file: LabelledFile, index: number): Promise<boolean> {
    if (file.isRaw) return false;
    const { tags } = file.sentences[index]!;
    const token = this.pick(tags.length);
    const label = this.#of(file.layout.task === 'pos' ? PARTS : ['O', ...LABELS.map((one) => `B-${one}`)]);
    const [uri, cell] = [this.desk.uri(file), file.cell(index, token)];
    const after = changed(file.sentences[index]!, tags.toSpliced(token, 1, label));
    await this.desk.step(file, index, 1, [after], () => this.desk.editor.type(uri, cell, label), true);
    return true;
  }

  /** Other words are another sentence: its labels came with the file. */
  async #typeWord(file: LabelledFile, index: number): Promise<boolean> {
    const sentence = file.sentences[index]!;
    const { origin, rows, tags } = sentence;
    if (file.layout !== CONLL || origin === undefined || file.twins(sentence) > 1) return false;
    // What was decided of the words as they were must be in the journal before they go.
    await this.desk.written();
    const token = this.pick(tags.length);
    const { end } = file.range(index, token, token + 1);
    const typed = `${this.#of(['s', 'ን', 'ى', 'ा', '\u0303', '😀'])}${this.corrections}`;
    const after: Sentence = {
      ...{ comments: sentence.comments, tags, origin, typed: tags, reviewed: false, reviews: [] },
      human: tags.map(() => false),
      rows: rows.map((row, i) => (i === token ? [`${row[0]}${typed}`] : row)),
    };
    const { editor } = this.desk;
    const work = () => editor.type(this.desk.uri(file), { start: end, end }, typed);
    await this.desk.step(file, index, 1, [after], work, true);
    // Words are the editor's: no journal brings them back.
    await this.desk.save(file);
    return true;
  }

  async #structure(file: LabelledFile, index: number): Promise<boolean> {
    const what = this.#of(['splitToken', 'joinTokens', 'splitSentence', 'joinSentences'] as const);
    const one = file.sentences[index]!;
    const next = file.sentences[index + 1];
    const involved = what === 'joinSentences' && next !== undefined ? [one, next] : [one];
    if (file.layout !== CONLL || involved.some((each) => each.typed !== undefined || file.twins(each) > 1))
      return false;
    // A span that lost its start to `_` is left to the linter.
    if (involved.some(({ tags }) => opened(tags).some((tag, i) => tag !== tags[i]))) return false;
    const token = this.pick(one.tags.length);
    let range = file.range(index, token, token + 1);
    let after: [Tags, readonly (readonly string[])[]][];
    if (what === 'splitToken') {
      const [word] = one.rows[token]!;
      const places = Array.from(characters.segment(word!), (segment) => segment.index).slice(1);
      if (places.length === 0) return false;
      const place = this.#of(places);
      const start = { line: range.start.line, character: place };
      range = { start, end: start };
      const rows = one.rows.toSpliced(token, 1, [word!.slice(0, place)], [word!.slice(place)]);
      after = [[splitAt(one.tags, token), rows]];
    } else if (what === 'joinTokens') {
      if (token + 1 === one.tags.length) return false;
      range = file.range(index, token, token + 2);
      const rows = one.rows.toSpliced(token, 2, [`${one.rows[token]![0]}${one.rows[token + 1]![0]}`]);
      after = [[joinedAt(one.tags, token), rows]];
    } else if (what === 'splitSentence') {
      if (token === 0) return false;
      const [first, second] = cutAt(one.tags, token);
      after = [
        [first, one.rows.slice(0, token)],
        [second, one.rows.slice(token)],
      ];
    } else {
      if (next === undefined) return false;
      after = [
        [
          [...one.tags, ...next.tags],
          [...one.rows, ...next.rows],
        ],
      ];
    }
    const isHuman = involved.some(({ human }) => human.includes(true));
    const reviewed = involved.every((each) => each.reviewed);
    const sentences = after.map(
      ([tags, rows]): Sentence => ({
        ...{ comments: [], tags, rows, reviewed, reviews: [], origin: undefined, human: tags.map(() => isHuman) },
      }),
    );
    // One with words that stand elsewhere too would be taken for that one.
    if (sentences.some((each) => file.twins(each) > 0)) return false;
    await this.desk.written();
    await this.desk.step(file, index, involved.length, sentences, async () => {
      const params = { uri: this.desk.uri(file), range, what };
      const result = await this.desk.editor.client.request<{ edit: JournalledEdit }>('crosstag/structure', params);
      await this.desk.editor.apply(result.edit);
    });
    this.desk.typed();
    return true;
  }
}

/** Where words stand without any label. */
function occurrences(file: LabelledFile, words: readonly string[]): { index: number; token: number }[] {
  const found: { index: number; token: number }[] = [];
  for (const [index, sentence] of file.sentences.entries()) {
    const there = file.words(sentence);
    for (let token = 0; token + words.length <= there.length; token++) {
      if (words.some((word, i) => there[token + i] !== word)) continue;
      const tags = sentence.tags.slice(token, token + words.length);
      if (tags.every((tag) => tag === 'O' || tag === '_')) found.push({ index, token });
      token += words.length - 1;
    }
  }
  return found;
}

function isEnd(range: Range, wanted: Range): boolean {
  return range.end.line === wanted.end.line && range.end.character === wanted.end.character;
}
