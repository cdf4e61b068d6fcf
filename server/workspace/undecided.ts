import type { Sentence } from '../text/types.ts';

/** Whether nobody has decided some token of a sentence. */
export function isUndecided({ tokens, unlabelled }: Sentence): boolean {
  // Raw text is cut into words only when someone asks for them.
  return unlabelled === true || tokens.some(({ label }) => label === undefined);
}
