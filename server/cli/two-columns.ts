// A file whose last two columns are the gold and the predicted label, as conlleval reads it.
import { InputError, type Sentence, type TextDocument, UNDECIDED } from '../text/index.ts';

/**
 * The cells before the labels of a sentence: the gold labels; undefined where they are undecided.
 * @throws InputError where a token has fewer than three columns.
 */
export function goldColumn(path: string, document: TextDocument, sentence: Sentence): (string | undefined)[] {
  return sentence.tokens.map(({ end, labelStart }) => {
    const between = sentence.source.slice(end, Math.max(end, labelStart));
    // In a file of tabs a label may hold blanks.
    const cell = between.split('\t').slice(1, -1).at(-1)?.trim() || /(\S+)[^\S\r\n]+$/.exec(between)?.[1];
    if (cell === undefined) {
      const before = sentence.source.slice(0, end).split(/\r\n?|\n/).length - 1;
      const line = document.lineOf(document.sentences.indexOf(sentence)) + before + 1;
      throw new InputError('fewer than three columns', 'give word, gold label and predicted label, or two files', {
        path,
        line,
      });
    }
    return cell === UNDECIDED ? undefined : cell;
  });
}
