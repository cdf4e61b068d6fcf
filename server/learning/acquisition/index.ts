// The door of acquisition: what to ask a person for next, and why.
export { voteEntropies } from './committee.ts';
export { isWorthAsking } from './junk.ts';
export { measure } from './measures.ts';
export { rank } from './rank.ts';
export { doubts } from './stretches.ts';
export {
  type Candidate,
  type Choice,
  type Measures,
  type RankOptions,
  type Reason,
  STRATEGIES,
  type Strategy,
  type Stretch,
  UNITS,
  type Unit,
} from './types.ts';
