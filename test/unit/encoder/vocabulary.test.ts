import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countVocabulary, doubtsAbout } from '../../../server/encoder/count-vocabulary.ts';
import { EncoderVocabulary, EOS, UNKNOWN } from '../../../server/encoder/vocabulary.ts';
import { eachWord } from '../../../server/encoder/words.ts';
import { golden, hasGolden } from '../tagger/deep/golden.ts';
import { file, inFolder, messageOf, raw } from './corpora.ts';

const settings = { most: 1000, lowerCase: false, language: 'am', maxLength: 200 };
let files = 0;

async function wordsOf(
  text: string,
  options: Partial<typeof settings> & { distinct?: number; asWritten?: boolean } = {},
) {
  const { vocabulary } = await countVocabulary(file(`count-${files++}.txt`, text), { ...settings, ...options });
  return vocabulary.words.slice(2);
}

it('knows a word however its marks are written', () => {
  const known = new EncoderVocabulary([
    '<eos>',
    '<unk>',
    'mañana',
    'e\u0301l',
    'él',
    'ẹ\u0300kọ\u0301',
    'são',
    'sa\u0303o',
  ]);
  const id = (word: string) => known.id(word);
  expect(['mañana', 'man\u0303ana'].map(id)).toEqual([2, 2]);
  // Two spellings in the corpus are two words, each found by its own.
  expect(['e\u0301l', 'él', 'são', 'sa\u0303o'].map(id)).toEqual([3, 4, 6, 7]);
  expect(['ẹ\u0300kọ\u0301', 'e\u0323\u0300ko\u0323\u0301', 'e\u0300\u0323kọ\u0301'].map(id)).toEqual([5, 5, 5]);
  expect(id('manana')).toBe(UNKNOWN);
});

describe('counting', () => {
  it('puts common words first, and equally common ones in the order of their first appearance', async () => {
    expect(await wordsOf('北京 በሶ በላ 👩🏽‍🚀 በሶ\nनेहरू በላ በሶ\n')).toEqual(['በሶ', 'በላ', '北京', '👩🏽‍🚀', 'नेहरू']);
  });

  it('counts a word as one however its marks are written', async () => {
    expect(await wordsOf('él a e\u0301l b\nẹ\u0300kọ\u0301 e\u0323\u0300ko\u0323\u0301 b\n')).toEqual([
      '\u00e9l',
      'b',
      'ẹ\u0300kọ\u0301',
      'a',
    ]);
  });

  it('cuts at all Unicode white space, and takes a line end of Windows and a byte order mark for none of the words', async () => {
    expect(await wordsOf('\ufeffa\tb\u00a0c\u3000d\r\ne\u2028f\u0085g\u202fh\x1ci\ufeff\n')).toEqual([
      ...'abcdefgh',
      'i\ufeff',
    ]);
  });

  it('lower-cases on request', async () => {
    const text = 'ΟΔΟΣ Ẹ̀kọ́ THE the ǅ\n';
    expect(await wordsOf(text, { lowerCase: true })).toEqual(['the', 'οδος'.replace(/σ$/, 'ς'), 'ẹ̀kọ́', 'ǆ']);
    expect(await wordsOf(text)).toEqual(['ΟΔΟΣ', 'Ẹ̀kọ́', 'THE', 'the', 'ǅ']);
  });

  it('takes no more lines than it is to take, at the first of equally common words too', async () => {
    const text = 'd c b a a b c d e f\n';
    expect(await wordsOf(text, { most: 6 })).toEqual(['d', 'c', 'b', 'a']);
    expect(await wordsOf(text, { most: 5 })).toEqual(['d', 'c', 'b']);
    expect(await wordsOf(text, { most: 7 })).toEqual(['d', 'c', 'b', 'a', 'e']);
    for (const most of [0, 1, 2]) expect(await wordsOf(text, { most })).toEqual([]);
  });

  it('says what it read', async () => {
    const path = file('read.txt', 'a b c\n\nd a <unk> a\nx\n');
    const bytes: number[] = [];
    const progress = (done: { bytes: number }) => bytes.push(done.bytes);
    const counted = await countVocabulary(path, { ...settings, most: 4, progress });
    expect(counted).toMatchObject({ sentences: 3, kept: 2, words: 8 });
    expect(counted.covered).toBe(4 / 8); // a, a, a, b
    // sha256sum
    expect(counted.sha256).toBe('b5bb7bc66f932485c99a71dec7e34ddd259a242fdeaa5d31008dee46f162c225');
    expect(bytes).toEqual([21]);
  });

  const doubtsOf = async (text: string) => {
    const counted = await countVocabulary(file(`doubts-${files++}.txt`, text), settings);
    return doubtsAbout(counted, settings);
  };

  it('doubts a text of paragraphs, and one whose punctuation was not cut off', async () => {
    const sentence = 'አበበ በሶ በላ ። \n';
    expect(await doubtsOf(sentence.repeat(8) + 'በሶ '.repeat(201))).toEqual([]);
    expect(await doubtsOf(sentence.repeat(7) + `${'በሶ '.repeat(201)}\n`.repeat(2))).toEqual([
      expect.stringMatching(
        /^only 7 of the 9 lines of the corpus of am have 3 to 200 words, .* convert FILE OUT\.txt --sent/,
      ),
    ]);
    const whole = 'Nehru, né à Allahabad.\nनेहरू ने कहा।\nአበበ በሶ በላ።\nأكل العَرَبِيَّة، ثم نام\n';
    expect(await doubtsOf(whole)).toEqual([expect.stringMatching(/^36% of the words of .* end in a punctuation mark/)]);
    expect(await doubtsOf(`Mr. Nehru wohnte in der Str. 5 .\n${'a b c d e f g h i j k l\n'.repeat(4)}`)).toEqual([]);
  });

  it('drops rare words where there are more distinct ones than it can hold, and keeps the common ones', async () => {
    const lines = Array.from({ length: 3000 }, (_, i) => `በሶ በላ rare${i} በሶ ${i % 3 === 0 ? '北京' : '大学'}\n`);
    const words = await wordsOf(lines.join(''), { distinct: 100, most: 6 });
    expect(words).toEqual(['በሶ', 'በላ', '大学', '北京']);
  });

  it('counts as a plain count does', async () => {
    const word = fc.constantFrom('a', 'b', 'c', 'ቤት', '家', '\u00e9', '<eos>', '<unk>', '🏳️‍🌈');
    const text = fc.array(fc.array(word, { minLength: 3, maxLength: 8 }), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(text, fc.integer({ min: 2, max: 12 }), async (sentences, most) => {
        const counts = new Map<string, number>();
        for (const w of sentences.flat()) if (!/^<...>$/.test(w)) counts.set(w, (counts.get(w) ?? 0) + 1);
        const expected = [...counts].sort(([, a], [, b]) => b - a).map(([w]) => w);
        const found = await wordsOf(sentences.map((s) => s.join(' ')).join('\n'), { most });
        expect(found).toEqual(expected.slice(0, most - 2));
      }),
    );
  });

  it('stops when it is told to', async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(countVocabulary(file('abort.txt', 'a b c\n'), { ...settings, signal })).rejects.toThrow('enough');
  });

  it.each([
    ['empty', '', 'empty.txt: the corpus of am holds no word; give a text with one sentence on a line'],
    ['blank', '\n \u3000\n\n', 'blank.txt: the corpus of am holds no word; give a text with one sentence on a line'],
    [
      'line',
      'በሶ በላ '.repeat(101),
      'line.txt: the corpus of am is one line of 202 words, and batches take lines of 3 to 200; put one sentence on a line',
    ],
    ['pairs', 'a b\nc d\n', 'pairs.txt: none of the 2 lines of the corpus of am has 3 to 200 words; put one sentence'],
  ])('refuses a corpus without a sentence: %s', async (name, text, message) => {
    expect(await messageOf(countVocabulary(file(`${name}.txt`, text), settings))).toContain(message);
  });

  it.each([
    ['conll2003', 'በሶ NN B-NP O\nበላ VB B-VP O\n። . O O\n\nአበበ NNP B-NP B-PER\n'],
    ['conllu', '# text = 北京\n1\t北京\t_\tPROPN\t_\t_\t0\troot\t_\t_\n'],
    ['jsonl', '{"tokens": ["a", "b", "c"]}\n'],
  ])('refuses labels, which would be learnt as words: %s', async (format, text) => {
    const remedy = 'and plain text is learnt from; take its words alone: crosstag convert FILE OUT.txt --sentences';
    expect(await messageOf(countVocabulary(file(`${format}.txt`, text), settings))).toContain(
      `${format}.txt: the corpus of am has labels or columns (${format}), ${remedy}`,
    );
  });

  it('reads a plain text whatever its name', async () => {
    const { sentences } = await countVocabulary(file('plain.conll', 'በሶ በላ አበበ ።\nበላ በሶ\n'), settings);
    expect(sentences).toBe(2);
  });
});

describe('the vocabulary', () => {
  const vocabulary = new EncoderVocabulary(['<eos>', '<unk>', 'በሶ', '北京', 'e\u0301l']);

  it('knows its words, and no signs in a text', () => {
    expect(vocabulary.size).toBe(5);
    expect(['በሶ', '北京', 'e\u0301l', 'él', '<eos>', '<unk>', ''].map((word) => vocabulary.id(word))).toEqual([
      2, 3, 4, 4, 1, 1, 1,
    ]);
    expect(() => new EncoderVocabulary(['<unk>', '<eos>'])).toThrow(RangeError);
  });

  it('comes back from its file', async () => {
    expect(vocabulary.toText()).toBe('<eos>\n<unk>\nበሶ\n北京\ne\u0301l\n');
    expect(EncoderVocabulary.parse(vocabulary.toText(), 'v').words).toEqual(vocabulary.words);
    const edited = `\ufeff${vocabulary.toText().trimEnd().replaceAll('\n', '\r\n')}`;
    expect((await EncoderVocabulary.read(file('v.txt', edited))).words).toEqual(vocabulary.words);
  });

  it.each([
    ['', 'v:1:1: the vocabulary lacks <eos>; the file was changed or is no vocabulary: copy the encoder anew'],
    ['<eos>\n', 'v:2:1: the vocabulary lacks <unk>; '],
    ['<unk>\n<eos>\n', 'v:1:1: line 1 of a vocabulary is <eos>; '],
    ['<eos>\n<pad>\na\n', 'v:2:1: line 2 of a vocabulary is <unk>; '],
    ['<eos>\n<unk>\na\n\nb\n', 'v:4:1: the line is empty; '],
    ['<eos>\n<unk>\nቤት\na\nቤት\n', 'v:5:1: the word "ቤት" stands on line 3 too; '],
    ['<eos>\n<unk>\n<eos>\n', 'v:3:1: the word "<eos>" stands on line 1 too; '],
    ['<eos>\n<unk>\na\u00a0b\n', 'v:3:1: there is white space in '],
  ])('refuses %j', async (text, message) => {
    const parse = async () => EncoderVocabulary.parse(text, 'v');
    expect(await messageOf(parse())).toContain(message);
  });

  it('refuses what is no text', async () => {
    const path = raw('bytes.txt', Buffer.from('<eos>\n<unk>\ncaf\xe9\n', 'latin1'));
    expect(await messageOf(EncoderVocabulary.read(path))).toContain('bytes.txt:3:4: byte 0xE9');
    expect(await messageOf(EncoderVocabulary.read(inFolder('none.txt')))).toContain('none.txt: no such file');
  });
});

interface Golden {
  readonly text: string;
  readonly vocabularies: readonly { readonly n: number; readonly lines: readonly string[] }[];
  readonly look_up: readonly { readonly line: string; readonly ids: number[]; readonly ids_first_8_lines: number[] }[];
}

describe.skipIf(!hasGolden)("the original's numbers", () => {
  const { text, vocabularies, look_up } = hasGolden ? golden<Golden>('vocabulary') : ({} as Golden);

  it('gives the same vocabularies', async () => {
    for (const { n, lines } of vocabularies) {
      // The original writes one word before it looks at n; ours keeps to n.
      expect(await wordsOf(text, { most: n, asWritten: true })).toEqual(n < 3 ? [] : lines.slice(2));
    }
  });

  it('looks words up in the same way, but for white space and for signs in a text', () => {
    const idsOf = (words: readonly string[], line: string) => {
      const vocabulary = new EncoderVocabulary(words);
      const ids: number[] = [];
      eachWord(line, 0, line.length, (word) => ids.push(vocabulary.id(word)));
      return ids;
    };
    const { lines } = vocabularies[0]!;
    // Ours cuts at a tab and an ideographic space too, as the vocabulary's script does.
    const cut = new Map([
      [' the\tcat . ', [2, 3, 5]],
      ['el\u3000gato', [16, 17]],
    ]);
    for (const { line, ids, ids_first_8_lines } of look_up) {
      // The original's 0 for `<eos>` is a hole in the sentence.
      const signs = (of: number[]) => of.map((id) => (id === EOS ? UNKNOWN : id));
      expect(idsOf(lines, line)).toEqual(cut.get(line) ?? signs(ids));
      if (!cut.has(line)) expect(idsOf(lines.slice(0, 8), line)).toEqual(signs(ids_first_8_lines));
    }
    expect(look_up.filter(({ ids }) => ids.includes(EOS))).toHaveLength(1);
  });
});
