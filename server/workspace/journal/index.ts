export { journalFileName, systemUser } from './annotator.ts';
export type { Choice, Conflict, Decision, SentenceDecisions } from './decisions.ts';
export { DocumentJournal, sentenceHash } from './document-journal.ts';
export { type DraftOptions, labelDraft } from './draft.ts';
export * from './entry.ts';
export { Journal, journalFolder } from './journal.ts';
export { type LabelChange, LabelWatch, type Rewording, written } from './label-watch.ts';
export { type Replayed, replay } from './replay.ts';
export { isRunning } from './run.ts';
