// Splitting and joining in columns with ids: CoNLL-U and Universal NER.
import { joinSentences, splitSentence } from './numbered-sentences.ts';
import { joinTokens, splitToken } from './numbered-tokens.ts';
import type { Structure } from './types.ts';

export const numbered: Structure = { splitToken, joinTokens, splitSentence, joinSentences };
