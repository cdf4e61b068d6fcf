// The files of the day: the samples, and sentences in scripts that they do not have.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CONLL, CONLLU, LabelledFile, type Layout, RAW, UNER } from './file.ts';

const SAMPLES = join(import.meta.dirname, '..', '..', '..', 'samples');

/** Amharic, Arabic, Devanagari, Chinese, emoji with joiners and skin colours, combining marks. Two sentences stand twice. */
const SCRIPTS = [
  'አበበ በሶ በላ እና ወደ አዲስ አበባ ሄደ ።',
  'ኃይሌ ገብረሥላሴ በአሰላ ተወለደ ።',
  'አዲስ አበባ የኢትዮጵያ ዋና ከተማ ናት ።',
  'زار محمد صلاح مدينة القاهرة أمس .',
  'وُلِدَ ابن بطوطة في طنجة سنة 1304 .',
  'मुंबई भारत में है ।',
  'क्षत्रिय श्री नेहरू दिल्ली गए ।',
  '他 在 上海 的 复旦大学 学习 。',
  'Ngũgĩ wa Thiong’o na\u0303o mora em Sa\u0303o Paulo .',
  '👩🏽‍💻 Ana foi a Lisboa 😀 com 👨‍👩‍👧 ontem .',
  '🇪🇹 አዲስ አበባ 🇧🇷 Brasília e\u0301 longe .',
  'मुंबई भारत में है ।',
  'زار محمد صلاح مدينة القاهرة أمس .',
];

const read = (path: string) => readFileSync(join(SAMPLES, path), 'utf8');

/** The sentences of a file with tabs, without ranges and empty nodes. */
function sentencesOf(text: string, { label = 0 }: Layout) {
  return text
    .trimEnd()
    .split('\n\n')
    .map((block) => {
      const lines = block.split('\n');
      const rows = lines.filter((line) => !line.startsWith('#')).map((line) => line.split('\t'));
      return {
        comments: lines.filter((line) => line.startsWith('#')),
        rows: rows.map((row) => row.toSpliced(label, 1)),
        tags: rows.map((row) => row[label]!),
      };
    })
    .filter(({ rows }) => rows.every(([id]) => /^\d+$/.test(id!)));
}

const undecided = (words: readonly string[]) => words.map(() => '_');

export interface Corpus {
  readonly files: readonly LabelledFile[];
  /** Labelled text of another language, to train on. */
  readonly train: string;
}

export function corpus(): Corpus {
  const portuguese = sentencesOf(read('portuguese/train.iob2'), UNER).map(({ rows, tags }) => ({
    comments: [],
    words: rows.map((row) => row[1]!),
    tags,
  }));
  const short = portuguese.filter(({ words }) => words.length > 2 && words.length < 30);
  const columns = ({ words, tags }: (typeof short)[number], isDecided: boolean) => ({
    ...{ comments: [], rows: words.map((word) => [word]) },
    tags: isDecided ? tags : undecided(words),
  });
  const scripts = SCRIPTS.map((line) => line.split(' '));
  const raw = short
    .filter(({ words }) => words.slice(0, -1).every((word) => /^\p{L}+$/u.test(word)) && words.at(-1) === '.')
    .slice(0, 60);
  const chinese = sentencesOf(read('chinese/dev.iob2'), UNER).slice(0, 60);
  const wolof = sentencesOf(read('wolof/test.conllu'), CONLLU).filter(({ rows }) => rows.length < 30);
  return {
    files: [
      new LabelledFile('textos.conll', CONLL, [
        ...short.slice(0, 40).map((one) => columns(one, true)),
        ...short.slice(40, 160).map((one) => columns(one, false)),
      ]),
      new LabelledFile(
        'ፊደላት.conll',
        CONLL,
        scripts.map((words) => ({ comments: [], rows: words.map((word) => [word]), tags: undecided(words) })),
      ),
      new LabelledFile(
        'chinese.iob2',
        UNER,
        chinese.map((one, i) => (i % 3 === 0 ? one : { ...one, tags: undecided(one.tags) })),
      ),
      new LabelledFile(
        'wolof.conllu',
        CONLLU,
        wolof.slice(0, 60).map((one, i) => (i % 4 === 0 ? one : { ...one, tags: undecided(one.tags) })),
      ),
      new LabelledFile('cru.txt', RAW, [
        ...raw.map(({ words }) => ({ comments: [], rows: words.map((word) => [word]), tags: undecided(words) })),
        ...scripts
          .slice(0, 2)
          .map((words) => ({ comments: [], rows: words.map((word) => [word]), tags: undecided(words) })),
      ]),
    ],
    train: short
      .slice(200, 320)
      .map(({ words, tags }) => `${words.map((word, i) => `${word} ${tags[i]}\n`).join('')}\n`)
      .join(''),
  };
}
