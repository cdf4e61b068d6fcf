export { journalFileName, systemUser } from './annotator.ts';
export type { Choice, Conflict, Decision, SentenceDecisions } from './decisions.ts';
export * from './entry.ts';
export { Journal, journalFolder } from './journal.ts';
export { type Replayed, replay } from './replay.ts';
