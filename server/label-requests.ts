// The requests that change labels: what they mean is said in features/, and each goes through the journal.
import { type Connection, LSPErrorCodes, ResponseError } from 'vscode-languageserver/node';
import type { Range } from 'vscode-languageserver-protocol';
import { answer, notify } from './custom-messages.ts';
import type { Labelling } from './features/edits.ts';
import { problemOfLabel } from './features/label-choices.ts';
import { SETTLE_COMMAND, type SettleArguments, settled } from './features/lint-journal.ts';
import { MARK_RIGHT_COMMAND, type MarkRightArguments, markedRight } from './features/marked-right.ts';
import { acceptable, relabellings } from './features/relabel.ts';
import { resized } from './features/resize.ts';
import { rejectable, reviewCount, reviewed } from './features/review.ts';
import { shownAfter } from './features/shown-after.ts';
import type { JournalledOptions } from './journal-service.ts';
import type { JournalledEdits } from './journalled-edits.ts';
import type { LanguageServer } from './language-server.ts';
import {
  AcceptRequest,
  EditDropped,
  type JournalledEdit,
  MoveAnnotationsRequest,
  RejectRequest,
  RelabelRequest,
  ResizeRequest,
  type ReviewCount,
  ReviewCountRequest,
  ReviewRequest,
  WillShow,
} from './protocol.ts';
import type { Place } from './review-views.ts';
import { UNDECIDED } from './text/index.ts';
import { failing } from './work-done.ts';
import type { OpenDocument } from './workspace/documents.ts';
import type { LabelAction } from './workspace/journal/index.ts';

export function listenToLabelRequests(connection: Connection, server: LanguageServer, edits: JournalledEdits): void {
  const labellingAt = (
    { uri, document, back }: Place,
    action: LabelAction,
    labellings: readonly Labelling[],
    options?: JournalledOptions,
  ): Promise<JournalledEdit> => {
    const tags = edits.tagsAfter(document, labellings);
    const sentences = shownAfter(document, tags, back);
    if (sentences !== undefined && server.trusted) notify(connection, WillShow, { uri, sentences });
    return edits.ofTags(document, action, tags, options);
  };

  answer(connection, RelabelRequest, async ({ uri, range, others, label }) => {
    const place = await server.placeToLabel(uri, range);
    const isName = label !== null && label !== UNDECIDED;
    const problem = isName ? problemOfLabel(place.document, place.range, label) : undefined;
    if (problem !== undefined) throw new ResponseError(LSPErrorCodes.RequestFailed, `“${label}”: ${problem}`);
    const labellings = rangesOf(place, others).flatMap((one) => relabellings(place.document, one, label));
    return labellingAt(place, 'label', labellings);
  });
  answer(connection, AcceptRequest, async ({ uri, range, others, ...params }) => {
    const place = await server.placeToLabel(uri, range);
    const ranges = rangesOf(place, others);
    const labellings = ranges.flatMap((one) => acceptable(place.document, { ...params, range: one }));
    return labellingAt(place, 'accept', labellings);
  });
  answer(connection, RejectRequest, async ({ uri, range, others }) => {
    const place = await server.placeToLabel(uri, range);
    const ranges = rangesOf(place, others);
    return labellingAt(place, 'reject', await failing(() => ranges.flatMap((one) => rejectable(place.document, one))));
  });
  answer(connection, ResizeRequest, async ({ uri, ...params }) => {
    const place = await server.placeToLabel(uri, params.range);
    const wanted = resized(place.document, { ...params, range: place.range });
    if (typeof wanted === 'string') return { refused: wanted };
    const range = place.back === undefined ? wanted.range : (place.back(wanted.range) ?? params.range);
    return { edit: await labellingAt(place, 'label', wanted.labellings), range };
  });
  answer(connection, ReviewRequest, async ({ uri, range, others, reviewed: isReviewed }) => {
    const place = await server.placeToLabel(uri, range);
    const { labellings, always } = await failing(() => reviewed(place.document, rangesOf(place, others), isReviewed));
    return labellingAt(place, isReviewed ? 'review' : 'unreview', labellings, { always });
  });
  answer(connection, ReviewCountRequest, async ({ uri, ranges }) => {
    const byDocument = new Map<OpenDocument, Range[]>();
    for (const range of ranges) {
      const place = await server.placeToLabel(uri, range);
      byDocument.set(place.document, [...(byDocument.get(place.document) ?? []), place.range]);
    }
    const counts = await failing(() => Array.from(byDocument, ([document, own]) => reviewCount(document, own)));
    const sum = (of: (count: ReviewCount) => number) => counts.reduce((total, count) => total + of(count), 0);
    return { sentences: sum(({ sentences }) => sentences), suggestions: sum(({ suggestions }) => suggestions) };
  });
  answer(connection, MoveAnnotationsRequest, async ({ uri }) => {
    const document = await server.document(uri);
    if (await server.annotations.move(document)) return null;
    throw new ResponseError(
      LSPErrorCodes.RequestFailed,
      `${document.path}: its labels could not be moved with the text; save it first`,
    );
  });
  connection.onNotification(EditDropped.method, ({ ids }: { ids: readonly string[] }) => server.journal.dropped(ids));
  connection.onExecuteCommand(async ({ command, arguments: [args] = [] }) => {
    if (command === SETTLE_COMMAND) await failing(() => settle(server, args as SettleArguments));
    if (command === MARK_RIGHT_COMMAND) await failing(() => markRight(server, args as MarkRightArguments));
  });
}

/** Where something is done in a document: a place of the review view is alone. */
const rangesOf = ({ range, back }: Place, others: readonly Range[] = []): readonly Range[] =>
  back === undefined ? [range, ...others] : [range];

/** Somebody says that labels are right which a model contradicts: a line of the journal, and no edit. */
async function markRight(server: LanguageServer, { uri, place }: MarkRightArguments): Promise<void> {
  const document = await server.documentToLabel(uri);
  await server.journal.journalled(document, 'settle', new Map(), { always: markedRight(document, place) });
  server.diagnostics.refresh(document);
}

/** Somebody has chosen between the labels of the journal and the file, or of two annotators. */
async function settle(server: LanguageServer, args: SettleArguments): Promise<void> {
  const document = await server.documentToLabel(args.uri);
  const { tags, always } = settled(document, args);
  const edit = await server.journal.journalled(document, 'settle', tags, { always });
  const isApplied = edit.documentChanges?.length === 0 || (await server.apply('Choose labels', edit));
  if (!isApplied) await server.journal.dropped(edit.journal ?? []);
  server.diagnostics.refresh(document);
}
