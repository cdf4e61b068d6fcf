// The requests that work on many places at once, in a file or in all documents of the project, and those that split and
// join. What is only looked for changes nothing; what is written goes file by file, one edit each.
import type { CancellationToken, Connection } from 'vscode-languageserver/node';
import { answer } from './custom-messages.ts';
import { type Labelling, tagsAfter } from './features/edits.ts';
import { labellingsOf } from './features/hits.ts';
import { Linter } from './features/lint.ts';
import { folding, labelledWords, occurrencesIn } from './features/occurrences.ts';
import { allSuggestions } from './features/relabel.ts';
import { searchIn } from './features/search.ts';
import { parseQuery, QueryError } from './features/search-query.ts';
import { restructured } from './features/structure.ts';
import type { JournalledEdits } from './journalled-edits.ts';
import type { LanguageServer } from './language-server.ts';
import {
  AcceptAllRequest,
  type BulkScope,
  type CountSuggestionsParams,
  CountSuggestionsRequest,
  type Hit,
  type Hits,
  type JournalledEdit,
  LabelHitsRequest,
  OccurrencesRequest,
  SearchRequest,
  type StructureParams,
  StructureRequest,
} from './protocol.ts';
import { isReviewView } from './review-views.ts';
import { NotPossible } from './text/structure/index.ts';
import { failing, withProgress } from './work-done.ts';
import { type OpenDocument, pathOf } from './workspace/documents.ts';

/** Nobody looks at more hits, and a list in the editor holds no more with comfort. */
const MOST_HITS = 2000;

/** Milliseconds of searching at a time, so that other requests do not wait. */
const SLICE = 10;

export function listenToBulkRequests(connection: Connection, server: LanguageServer, edits: JournalledEdits): void {
  const labelled = async (
    uri: string,
    group: string | undefined,
    labellings: (document: OpenDocument) => Promise<readonly Labelling[]>,
  ): Promise<JournalledEdit> => {
    const options = group === undefined ? {} : { group };
    if (server.documents.get(uri) !== undefined) {
      const document = await server.documentToLabel(uri);
      return edits.of(document, 'bulk', await labellings(document), options);
    }
    // Editors do not tell of every file that we can read, as of JSON lines.
    const document = await server.documentFromDisk(pathOf(uri));
    const { scheme } = new Linter(document.text);
    const tags = tagsAfter(document, await labellings(document), scheme);
    return withoutVersions(await edits.ofTags(document, 'bulk', tags, options));
  };

  answer(connection, StructureRequest, ({ uri, ...params }) =>
    failing(() =>
      refusing(NotPossible, async () => {
        if (params.what === 'splitToken' && isReviewView(uri)) {
          throw new NotPossible('a token is split in its own file; go there with “Go to Definition” (F12)');
        }
        const { document, range } = await server.placeToLabel(uri, params.range);
        return { edit: edits.asClientLikes(await structureEdit(document, { ...params, range }, server)) };
      }),
    ),
  );
  answer(connection, CountSuggestionsRequest, (params, token) =>
    failing(async () => ({ files: await countSuggestions(connection, server, params, token) })),
  );
  answer(connection, AcceptAllRequest, ({ uri, minimumProbability, group }, token) =>
    failing(() =>
      labelled(uri, group, async (document) => {
        await server.models.tagAll(document, () => {}, token);
        return allSuggestions(document, minimumProbability);
      }),
    ),
  );
  answer(connection, OccurrencesRequest, ({ uri, range, scope, ignoreCase, workDoneToken }, token) =>
    failing(() =>
      refusing(NotPossible, async () => {
        const place = await server.place(uri, range);
        const { document } = place;
        const sought = labelledWords(document, place.range);
        if (sought === undefined) throw new NotPossible('no label stands here; put the cursor on one');
        const fold = folding(ignoreCase);
        const search = find(server, document, scope, token, (other, index) =>
          occurrencesIn(other, index, sought, fold),
        );
        const hits = await withProgress(connection, workDoneToken, 'Searching', () => search);
        return { ...hits, label: sought.label, words: sought.words.join(' ') };
      }),
    ),
  );
  answer(connection, SearchRequest, (params, token) =>
    failing(() =>
      refusing(QueryError, async () => {
        const parsed = parseQuery(params.query);
        const { document, scope } = await scopeOf(server, params);
        const hitsIn = (other: OpenDocument, index: number) => searchIn(other, index, parsed);
        return withProgress(connection, params.workDoneToken, 'Searching', () =>
          find(server, document, scope, token, hitsIn),
        );
      }),
    ),
  );
  answer(connection, LabelHitsRequest, ({ uri, hits, label, group }) =>
    failing(() =>
      labelled(uri, group, async (document) => {
        const labellings = labellingsOf(document, hits, label);
        if (labellings === undefined) throw new Error(`${document.path} has changed since; search once more`);
        return labellings;
      }),
    ),
  );
}

/** An edit of files that are not open, of which no version is known. */
function withoutVersions({ documentChanges, ...edit }: JournalledEdit): JournalledEdit {
  if (documentChanges === undefined) return edit;
  return {
    ...edit,
    documentChanges: documentChanges.map((change) =>
      'edits' in change ? { ...change, textDocument: { ...change.textDocument, version: null } } : change,
    ),
  };
}

function structureEdit(document: OpenDocument, params: Omit<StructureParams, 'uri'>, server: LanguageServer) {
  const { scheme } = server.diagnostics.linterOf(document);
  const { edits, first, end, tags } = restructured(document, params, scheme);
  const change = { edits: document.structureEdits(edits, first, tags), first, end, tags };
  return server.journal.restructured(document, change);
}

/** What an action is for: the review view shows the project, whatever its first line is from. */
async function scopeOf(server: LanguageServer, { uri, scope }: { readonly uri: string; readonly scope: BulkScope }) {
  const start = { line: 0, character: 0 };
  const { document } = await server.place(uri, { start, end: start });
  return { document, scope: isReviewView(uri) ? ('project' as const) : scope };
}

/** The documents that an action is for. */
async function* documentsIn(server: LanguageServer, document: OpenDocument, scope: BulkScope) {
  if (scope === 'file') yield document;
  else yield* server.projectDocuments(document.path);
}

async function countSuggestions(
  connection: Connection,
  server: LanguageServer,
  { minimumProbability, workDoneToken, ...params }: CountSuggestionsParams,
  token: CancellationToken,
) {
  const { document, scope } = await scopeOf(server, params);
  return withProgress(connection, workDoneToken, 'Tagging', async (report) => {
    const documents: OpenDocument[] = [];
    for await (const other of documentsIn(server, document, scope)) documents.push(other);
    const files: { uri: string; suggestions: number; sentences: number }[] = [];
    for (const [i, other] of documents.entries()) {
      const all = other.text.sentences.length;
      let done = 0;
      await server.models.tagAll(
        other,
        (sentences) => {
          done = Math.min(all, done + sentences);
          report((i + done / all) / documents.length, other.path);
        },
        token,
      );
      report((i + 1) / documents.length, other.path);
      const found = allSuggestions(other, minimumProbability);
      if (found.length === 0) continue;
      const sentences = new Set(found.map(({ sentence }) => sentence)).size;
      files.push({ uri: other.uri, suggestions: found.length, sentences });
    }
    return files;
  });
}

/** Looks in every sentence, for a few milliseconds at a time. */
async function find(
  server: LanguageServer,
  document: OpenDocument,
  scope: BulkScope,
  token: CancellationToken,
  hitsIn: (document: OpenDocument, index: number) => Hit[],
): Promise<Hits> {
  const hits: Hit[] = [];
  let end = performance.now() + SLICE;
  for await (const other of documentsIn(server, document, scope)) {
    for (let index = 0; index < other.text.sentences.length; index++) {
      if (performance.now() > end) {
        await new Promise((resolve) => setImmediate(resolve));
        if (token.isCancellationRequested) throw new Error('cancelled');
        end = performance.now() + SLICE;
      }
      hits.push(...hitsIn(other, index));
      if (hits.length > MOST_HITS) return { hits: hits.slice(0, MOST_HITS), more: true };
    }
  }
  return { hits, more: false };
}

/** What a person asks for and cannot be done is an answer, not an error. */
async function refusing<R>(
  kind: typeof NotPossible | typeof QueryError,
  work: () => Promise<R>,
): Promise<R | { refused: string }> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof kind) return { refused: error.message };
    throw error;
  }
}
