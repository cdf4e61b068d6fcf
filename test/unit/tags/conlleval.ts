// conlleval's own rules and counting loop (conlleval.pl, 2004-01-26), transcribed line by line, as the oracle of the tests.
// `bioes` adds what its successors (seqeval) add for S- and for the token after E-.

export interface Chunk {
  readonly tag: string;
  readonly type: string;
}

export function endOfChunk({ tag: prevTag, type: prevType }: Chunk, { tag, type }: Chunk, bioes: boolean): boolean {
  let chunkEnd = false;
  if (prevTag === 'B' && tag === 'B') chunkEnd = true;
  if (prevTag === 'B' && tag === 'O') chunkEnd = true;
  if (prevTag === 'I' && tag === 'B') chunkEnd = true;
  if (prevTag === 'I' && tag === 'O') chunkEnd = true;
  if (prevTag === 'E' && tag === 'E') chunkEnd = true;
  if (prevTag === 'E' && tag === 'I') chunkEnd = true;
  if (prevTag === 'E' && tag === 'O') chunkEnd = true;
  if (prevTag !== 'O' && prevTag !== '.' && prevType !== type) chunkEnd = true;
  if (prevTag === ']') chunkEnd = true;
  if (prevTag === '[') chunkEnd = true;
  if (bioes && (prevTag === 'E' || prevTag === 'S')) chunkEnd = true;
  if (bioes && tag === 'S' && (prevTag === 'B' || prevTag === 'I')) chunkEnd = true;
  return chunkEnd;
}

export function startOfChunk({ tag: prevTag, type: prevType }: Chunk, { tag, type }: Chunk, bioes: boolean): boolean {
  let chunkStart = false;
  if (prevTag === 'B' && tag === 'B') chunkStart = true;
  if (prevTag === 'I' && tag === 'B') chunkStart = true;
  if (prevTag === 'O' && tag === 'B') chunkStart = true;
  if (prevTag === 'O' && tag === 'I') chunkStart = true;
  if (prevTag === 'E' && tag === 'E') chunkStart = true;
  if (prevTag === 'E' && tag === 'I') chunkStart = true;
  if (prevTag === 'O' && tag === 'E') chunkStart = true;
  if (tag !== 'O' && tag !== '.' && prevType !== type) chunkStart = true;
  if (tag === '[') chunkStart = true;
  if (tag === ']') chunkStart = true;
  if (bioes && (tag === 'B' || tag === 'S')) chunkStart = true;
  if (bioes && prevTag === 'S' && (tag === 'E' || tag === 'I')) chunkStart = true;
  return chunkStart;
}

function chunkOf(text: string): Chunk {
  const parts = /^([^-]*)-(.*)$/u.exec(text);
  return parts ? { tag: parts[1] as string, type: parts[2] as string } : { tag: text, type: '' };
}

export interface Counts {
  foundCorrect: number;
  foundGuessed: number;
  correctChunk: number;
  correctTags: number;
  tokenCounter: number;
}

/** The main loop: one pass over all lines, a boundary line after each sentence. */
export function count(gold: readonly (readonly string[])[], guessed: readonly (readonly string[])[]): Counts {
  const counts: Counts = { foundCorrect: 0, foundGuessed: 0, correctChunk: 0, correctTags: 0, tokenCounter: 0 };
  let lastCorrect: Chunk = { tag: 'O', type: '' };
  let lastGuessed: Chunk = { tag: 'O', type: '' };
  let inCorrect = false;
  const line = (correctText: string, guessedText: string, boundary: boolean) => {
    const correct = chunkOf(correctText);
    const guess = chunkOf(guessedText);
    const endCorrect = endOfChunk(lastCorrect, correct, false);
    const endGuessed = endOfChunk(lastGuessed, guess, false);
    if (inCorrect) {
      if (endCorrect && endGuessed && lastGuessed.type === lastCorrect.type) {
        inCorrect = false;
        counts.correctChunk++;
      } else if (endCorrect !== endGuessed || guess.type !== correct.type) inCorrect = false;
    }
    const startCorrect = startOfChunk(lastCorrect, correct, false);
    const startGuessed = startOfChunk(lastGuessed, guess, false);
    if (startCorrect && startGuessed && guess.type === correct.type) inCorrect = true;
    if (startCorrect) counts.foundCorrect++;
    if (startGuessed) counts.foundGuessed++;
    if (!boundary) {
      if (correct.tag === guess.tag && guess.type === correct.type) counts.correctTags++;
      counts.tokenCounter++;
    }
    lastCorrect = correct;
    lastGuessed = guess;
  };
  gold.forEach((tags, s) => {
    tags.forEach((tag, t) => {
      line(tag, guessed[s]?.[t] as string, false);
    });
    line('O', 'O', true);
  });
  return counts;
}
