// Bulk actions and splitting and joining over real stdio, with a wide model that is really trained.
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CodeAction, Range, TextDocumentEdit, WorkspaceEdit } from 'vscode-languageserver-protocol';
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { Hit, Hits, JournalledEdit } from '../../server/protocol.ts';
import { loadTagger, trainTagger } from '../../server/tagger/index.ts';
import { parseDocument } from '../../server/text/index.ts';
import { at, Client, type PublishedDiagnostics } from './client.ts';

const SAMPLES = join(import.meta.dirname, '..', '..', 'samples', 'portuguese');

let folder: string;
let client: Client;
let pool: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crosstag-bulk-'));
  const { sentences } = parseDocument(await readFile(join(SAMPLES, 'train.iob2'), 'utf8'), { format: 'uner' });
  const train = sentences.slice(0, 800).map(({ tokens }) => ({
    words: tokens.map(({ form }) => form),
    tags: tokens.map(({ label }) => label),
  }));
  const out = join(folder, '.crosstag', 'models', 'ner', '1');
  await trainTagger({ task: 'ner', train, parts: 'wide', out, threads: 1 });
  const dev = parseDocument(await readFile(join(SAMPLES, 'dev.iob2'), 'utf8'), { format: 'uner' });
  pool = dev.sentences
    .slice(0, 120)
    .map(({ tokens }) => `${tokens.map(({ form }) => `${form} _\n`).join('')}\n`)
    .join('');
  await mkdir(join(folder, 'texts', 'more'), { recursive: true });
  await writeFile(join(folder, 'texts', 'closed.conll'), `${pool}Lagos B-LOC\n\nem O\nLagos O\n\nLAGOS _\n\n`);
  await writeFile(join(folder, 'texts', 'more', 'raw.txt'), 'Ela mora em Lagos. Ele mora em Lagos.\n');
  const project = { task: 'ner', languages: [{ language: 'pt', documents: ['texts', 'open.conll'] }] };
  await writeFile(join(folder, 'crosstag.json'), JSON.stringify(project));
  await writeFile(join(folder, 'open.conll'), '');
  client = await Client.start({ folder, configuration: {} });
});

afterAll(async () => {
  await client?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** The text after the edits of one document. */
function applied(text: string, edit: WorkspaceEdit): string {
  const changes = (edit.documentChanges ?? []).filter((change): change is TextDocumentEdit => 'edits' in change);
  expect(changes.length).toBeLessThanOrEqual(1);
  const edits = changes.flatMap((change) => change.edits).flatMap((one) => ('newText' in one ? [one] : []));
  return TextDocument.applyEdits(TextDocument.create('', '', 1, text), edits);
}

describe('accepting all suggestions', () => {
  it('of a file: everything is tagged first, counted, and one edit', async () => {
    const uri = await client.open('accept.conll', pool);
    const params = { uri, scope: 'file', minimumProbability: 0.5, workDoneToken: 'count' };
    const { files } = await client.request<{ files: { uri: string; suggestions: number; sentences: number }[] }>(
      'crosstag/countSuggestions',
      params,
    );
    expect(files).toHaveLength(1);
    expect(files[0]!.suggestions).toBeGreaterThan(20);
    expect(client.notified.some(({ method }) => method === '$/progress')).toBe(true);
    const edit = await client.request<WorkspaceEdit>('crosstag/acceptAll', { uri, minimumProbability: 0.5 });
    const after = applied(pool, edit);
    expect(after.match(/ B-/g)).toHaveLength(files[0]!.suggestions);
    expect(after.replace(/ \S+$/gm, '')).toBe(pool.replace(/ \S+$/gm, ''));
    const none = await client.request<WorkspaceEdit>('crosstag/acceptAll', { uri, minimumProbability: 1.1 });
    expect(none.documentChanges).toEqual([]);
  });

  it('of the project counts files that are closed', async () => {
    const uri = await client.open('open.conll', 'Lagos _\n\n');
    const params = { uri, scope: 'project', minimumProbability: 0 };
    const { files } = await client.request<{ files: { uri: string; suggestions: number }[] }>(
      'crosstag/countSuggestions',
      params,
    );
    expect(files.map((file) => file.uri)).toContain(client.uri('texts/closed.conll'));
    await client.connection.sendNotification('textDocument/didClose', { textDocument: { uri } });
  });

  it('says what is missing without a project', async () => {
    const other = await mkdtemp(join(tmpdir(), 'crosstag-bulk-none-'));
    const lonely = await Client.start({ folder: other, configuration: {} });
    const uri = await lonely.open('a.conll', 'Lagos _\n\n');
    const params = { uri, scope: 'project', minimumProbability: 0 };
    await expect(lonely.request('crosstag/countSuggestions', params)).rejects.toThrow(
      /crosstag\.json: there is no project; name files/,
    );
    await expect(lonely.request('crosstag/countSuggestions', { ...params, scope: 'file' })).rejects.toThrow(
      /no model suggests labels/,
    );
    await lonely.stop();
    await rm(other, { recursive: true });
  });
});

describe('occurrences', () => {
  it('are found in the project, closed files and raw text too, and labelled file by file', async () => {
    const text = 'Lagos B-LOC\n\nde O\nLagos O\n\nLagos B-ORG\n\n';
    const uri = await client.open('open.conll', text);
    const params = { uri, range: { start: at(0, 2), end: at(0, 2) }, scope: 'project', ignoreCase: true };
    const found = await client.request<Hits & { label: string; words: string }>('crosstag/occurrences', params);
    expect([found.label, found.words]).toEqual(['LOC', 'Lagos']);
    const told = found.hits.map(
      (hit) => `${hit.uri.slice(client.uri('').length + 1)} ${hit.words} ${hit.labels} ${hit.wanted}`,
    );
    expect(told).toEqual([
      'texts/closed.conll Lagos O true',
      'texts/closed.conll LAGOS _ true',
      'texts/more/raw.txt Lagos _ true',
      'texts/more/raw.txt Lagos _ true',
      'open.conll Lagos O true',
      'open.conll Lagos ORG false',
    ]);
    const hits = found.hits.filter((hit) => hit.uri === uri && hit.wanted);
    const wanted = { uri, hits, label: 'LOC', group: 'g1' };
    const edit = await client.request<JournalledEdit>('crosstag/labelHits', wanted);
    expect(applied(text, edit)).toBe(text.replace('Lagos O', 'Lagos B-LOC'));
    const files = await readdir(join(folder, '.crosstag', 'journal'));
    const name = files.find((file) => file.endsWith('.jsonl'));
    const lines = (await readFile(join(folder, '.crosstag', 'journal', name!), 'utf8')).trimEnd().split('\n');
    expect(JSON.parse(lines.at(-1)!)).toMatchObject({
      ...{ action: 'bulk', file: 'open.conll', group: 'g1', id: edit.journal![0], before: ['O'], after: ['B-LOC'] },
    });
    const closed = client.uri('texts/closed.conll');
    const there = found.hits.filter((hit) => hit.uri === closed);
    const inClosed = await client.request<JournalledEdit>('crosstag/labelHits', {
      ...wanted,
      uri: closed,
      hits: there,
    });
    const [change] = inClosed.documentChanges as TextDocumentEdit[];
    expect(change!.textDocument).toEqual({ uri: closed, version: null });
    const onDisk = await readFile(join(folder, 'texts', 'closed.conll'), 'utf8');
    expect(applied(onDisk, inClosed)).toBe(onDisk.replace('Lagos O', 'Lagos B-LOC').replace('LAGOS _', 'LAGOS B-LOC'));
    await client.change(uri, 2, { start: at(2, 0), end: at(2, 0) }, 'x O\n');
    await expect(client.request('crosstag/labelHits', { uri, hits, label: 'LOC' })).rejects.toThrow(
      /has changed since/,
    );
    await client.connection.sendNotification('textDocument/didClose', { textDocument: { uri } });
  });

  it('become annotations of raw text in one edit', async () => {
    const text = 'Ela mora em Lagos. Ele mora em Lagos.\n';
    const uri = await client.open('texts/more/raw.txt', text, 'plaintext');
    const { hits } = await client.request<Hits>('crosstag/search', { uri, scope: 'file', query: 'Lagos' });
    const edit = await client.request<WorkspaceEdit>('crosstag/labelHits', { uri, hits, label: 'LOC' });
    const written = (edit.documentChanges as TextDocumentEdit[])
      .at(-1)!
      .edits.map((one) => 'newText' in one && one.newText);
    expect(written).toEqual(['T1\tLOC 12 17\tLagos\nT2\tLOC 31 36\tLagos\n']);
    await client.connection.sendNotification('textDocument/didClose', { textDocument: { uri } });
  });
});

describe('a search', () => {
  it('finds tokens and spans, and relabels what is picked', async () => {
    const text = 'Addis B-ORG\nAbeba I-ORG\nna O\nAddis _\n\n';
    const uri = await client.open('search.conll', text);
    const { hits } = await client.request<Hits>('crosstag/search', { uri, scope: 'file', query: 'label:ORG' });
    expect(hits.map((hit: Hit) => [hit.words, hit.labels, hit.after])).toEqual([['Addis Abeba', 'ORG', 'na Addis']]);
    const relabel = (label: string | null) =>
      client.request<WorkspaceEdit>('crosstag/labelHits', { uri, hits, label }).then((edit) => applied(text, edit));
    expect(await relabel('LOC')).toBe(text.replaceAll('ORG', 'LOC'));
    expect(await relabel(null)).toBe('Addis O\nAbeba O\nna O\nAddis _\n\n');
    expect(await relabel('_')).toBe('Addis _\nAbeba _\nna O\nAddis _\n\n');
    const refused = await client.request<{ refused: string }>('crosstag/search', { uri, scope: 'file', query: '/(/' });
    expect(refused.refused).toContain('no regular expression');
  });

  it('knows what the journal says of raw text that is closed, where each `O` stands in it alone', async () => {
    const text = 'Ela canta em Lagos.\nEle canta.\n';
    await writeFile(join(folder, 'texts', 'reviewed.txt'), text);
    const uri = await client.open('texts/reviewed.txt', text, 'plaintext');
    await client.request('crosstag/review', { uri, range: { start: at(0, 0), end: at(0, 3) }, reviewed: true });
    await client.connection.sendNotification('textDocument/didClose', { textDocument: { uri } });
    const other = await client.open('open.conll', 'Lagos _\n\n');
    const found = async (query: string) => {
      const params = { uri: other, scope: 'project', query };
      return (await client.request<Hits>('crosstag/search', params)).hits.map(({ before }) => before.trim());
    };
    expect(await found('canta&label:O')).toEqual(['Ela']);
    expect(await found('canta&label:_')).toEqual(['Ele']);
    await client.connection.sendNotification('textDocument/didClose', { textDocument: { uri: other } });
  });
});

describe('a label that the model contradicts', () => {
  it('is found once the model has answered, and relabelled by a quick fix', async () => {
    // A sentence of which the model is sure, with one label changed.
    const { sentences } = parseDocument(await readFile(join(SAMPLES, 'train.iob2'), 'utf8'), { format: 'uner' });
    const tagger = await loadTagger(join(folder, '.crosstag', 'models', 'ner', '1'), { engine: 'auto', threads: 1 });
    const words = sentences.slice(0, 800).map(({ tokens }) => tokens.map(({ form }) => form));
    const tagged = await tagger.tag(words, { marginals: true });
    await tagger.dispose();
    const isSure = ({ spans }: (typeof tagged)[number]) => spans[0]?.label === 'LOC' && spans[0].score > 0.99;
    const known = sentences[tagged.findIndex(isSure)]!;
    const right = `${known.tokens.map(({ form, label }) => `${form} ${label}\n`).join('')}\n`;
    const wrong = right.replace(/B-LOC((?:\n\S+ I-LOC)*)/, (whole) => whole.replaceAll('LOC', 'PER'));
    const uri = await client.open('contradicted.conll', wrong);
    const isIt = ({ code }: { code?: unknown }) => code === 'model.contradicts';
    const found = await client.diagnostics(uri, ({ diagnostics }) => diagnostics.some(isIt));
    const diagnostic = found.find(isIt)!;
    expect(diagnostic.message).toMatch(/is PER here, and model ner\/1 is sure that it is LOC/);
    const actions = await client.request<CodeAction[]>('textDocument/codeAction', {
      textDocument: { uri },
      range: diagnostic.range,
      context: { diagnostics: [diagnostic], only: ['quickfix'] },
    });
    const fix = actions.find(({ title }) => title === 'Relabel as model ner/1 says (LOC)')!;
    expect(applied(wrong, fix.edit!)).toBe(right);
    const mark = actions.find(({ title }) => title === 'Mark as right')!;
    const seen = client.notified.length;
    await client.request('workspace/executeCommand', mark.command!);
    const isSilent = ({ uri: of, diagnostics }: PublishedDiagnostics) => of === uri && !diagnostics.some(isIt);
    await client.notification<PublishedDiagnostics>('textDocument/publishDiagnostics', isSilent, seen);
    // Another label is another question.
    const line = wrong.split('\n').findIndex((row) => row.endsWith('B-PER'));
    const cell = wrong.split('\n')[line]!;
    const place = { start: at(line, cell.length - 3), end: at(line, cell.length) };
    await client.change(uri, 2, place, 'ORG');
    const again = ({ uri: of, diagnostics }: PublishedDiagnostics) =>
      of === uri && diagnostics.some((one) => isIt(one) && /is ORG here/.test(String(one.message)));
    await client.notification<PublishedDiagnostics>('textDocument/publishDiagnostics', again, seen);
  });
});

describe('splitting and joining', () => {
  const restructure = async (uri: string, what: string, range: Range) =>
    client.request<{ edit: WorkspaceEdit } | { refused: string }>('crosstag/structure', { uri, what, range });
  const cursor = (line: number, character: number) => ({ start: at(line, character), end: at(line, character) });

  it('takes labels along', async () => {
    const text = 'AddisAbeba B-LOC\nna O\nAna B-PER\nRosa I-PER\nSilva I-PER\n\nX O\n';
    const uri = await client.open('structure.conll', text);
    const edited = async (what: string, range: Range) => {
      const answer = await restructure(uri, what, range);
      return 'edit' in answer ? applied(text, answer.edit) : answer.refused;
    };
    expect(await edited('splitToken', cursor(0, 5))).toBe(text.replace('AddisAbeba B-LOC', 'Addis B-LOC\nAbeba I-LOC'));
    expect(await edited('splitToken', cursor(0, 10))).toMatch(/not cut at its end/);
    expect(await edited('joinTokens', { start: at(2, 0), end: at(3, 2) })).toBe(
      text.replace('Ana B-PER\nRosa I-PER', 'AnaRosa B-PER'),
    );
    // "na" and the span after it: the span takes the token, and stays legal.
    expect(await edited('joinTokens', cursor(1, 0))).toBe(text.replace('na O\nAna B-PER', 'naAna B-PER'));
    expect(await edited('joinTokens', { start: at(0, 0), end: at(2, 1) })).toBe(
      'AddisAbebanaAna B-LOC\nRosa B-PER\nSilva I-PER\n\nX O\n',
    );
    expect(await edited('splitSentence', cursor(3, 0))).toBe(text.replace('Rosa I-PER', '\nRosa B-PER'));
    expect(await edited('joinSentences', cursor(2, 0))).toBe(text.replace('\n\n', '\n'));
    expect(await edited('joinTokens', { start: at(4, 0), end: at(6, 1) })).toMatch(/several sentences/);
  });

  it('numbers CoNLL-U anew', async () => {
    const text = '# text = የምግብ ቤት\n1\tየምግብ\t_\tNOUN\t_\t_\t2\tnmod\t_\t_\n2\tቤት\t_\tNOUN\t_\t_\t0\troot\t_\t_\n\n';
    const uri = await client.open('structure.conllu', text, 'conllu');
    const answer = await restructure(uri, 'splitToken', cursor(1, 3));
    expect('edit' in answer && applied(text, answer.edit)).toBe(
      '# text = የምግብ ቤት\n1\tየ\t_\tNOUN\t_\t_\t3\tnmod\t_\tSpaceAfter=No\n2\tምግብ\t_\t_\t_\t_\t1\tdep\t_\t_\n3\tቤት\t_\tNOUN\t_\t_\t0\troot\t_\t_\n\n',
    );
  });

  it('says why raw text is not split', async () => {
    const uri = await client.open('structure.txt', 'Ela mora em Lagos.\n', 'plaintext');
    const answer = await restructure(uri, 'splitToken', cursor(0, 5));
    expect(answer).toEqual({ refused: expect.stringContaining('convert the text to CoNLL') });
    expect(await client.request('crosstag/search', { uri, scope: 'file', query: 'x' })).toEqual({
      hits: [],
      more: false,
    });
  });
});
