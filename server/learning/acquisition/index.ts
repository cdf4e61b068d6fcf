// The door of acquisition: what to ask a person for next, and why.

export { STRATEGIES, UNITS } from '../../workspace/project-schema.ts';
export { voteEntropies } from './committee.ts';
export { isWorthAsking } from './junk.ts';
export { measure } from './measures.ts';
export { rank } from './rank.ts';
export { doubts } from './stretches.ts';
export type {
  Candidate,
  Choice,
  Measures,
  RankOptions,
  Reason,
  Strategy,
  Stretch,
  Unit,
} from './types.ts';
