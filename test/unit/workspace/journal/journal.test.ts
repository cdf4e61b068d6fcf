import { execFileSync } from 'node:child_process';
import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir, uptime } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { contentHash, type InputError } from '../../../../server/text/index.ts';
import {
  type EntryDraft,
  isRunning,
  Journal,
  journalFileName,
  type LabelEntry,
} from '../../../../server/workspace/journal/index.ts';

const SENTENCE = contentHash(['አዲስ', 'አበባ', '😀', 'ውብ']);
const ADDRESS = { file: 'አማርኛ/a.conll', sentence: SENTENCE, nth: 0 };

let workspace: string;
let problems: InputError[];

beforeEach(async () => {
  workspace = await mkdtemp(join(tmpdir(), 'crosstag-journal-'));
  problems = [];
});
afterEach(() => rm(workspace, { recursive: true }));

async function open(): Promise<Journal> {
  const journal = new Journal(workspace, { problem: (problem) => problems.push(problem) });
  await journal.refresh();
  return journal;
}

function label(after: readonly string[], more: Partial<LabelEntry> = {}): EntryDraft {
  const before = after.map(() => '_');
  return { action: 'label', ...ADDRESS, start: 0, before, after: [...after], ...more };
}

const tagsOf = (journal: Journal) => journal.sentence(ADDRESS)?.tokens.map((decision) => decision?.tag);
const annotatorsOf = (journal: Journal) => [...new Set(journal.entries().map(({ by }) => by))].sort();
const pathOf = (annotator: string) => join(workspace, '.crosstag', 'journal', journalFileName(annotator));

describe('the name of a journal', () => {
  it('is one that every system takes, and no two annotators share one', () => {
    expect(journalFileName('ngũgĩ')).toBe('ngũgĩ.jsonl');
    expect(journalFileName('अमित')).toBe('अमित.jsonl');
    expect(journalFileName('a/../b\\c:d')).toBe('a%2F..%2Fb%5Cc%3Ad.jsonl');
    const names = [
      '',
      '.',
      '..',
      'con',
      'COM1',
      'a.',
      'a%2Fb',
      'a/b',
      'x\0',
      '😀',
      'é',
      'ል'.repeat(200),
      'ል'.repeat(201),
    ];
    const files = names.map(journalFileName);
    expect(new Set(files).size).toBe(names.length);
    for (const file of files) {
      expect(file).toMatch(/^(?!\.|con\.|com1\.)[\p{L}\p{N}\p{M}_.@+%-]+\.jsonl$/iu);
      expect(Buffer.byteLength(file)).toBeLessThan(256);
    }
    expect(journalFileName('e\u0301')).toBe(journalFileName('é'));
  });
});

describe('a journal', () => {
  it('knows who decided what, also after it is read again', async () => {
    const journal = await open();
    const suggested = [{ start: 0, end: 2, label: 'LOC', model: 'ner/3', probability: 0.93 }];
    await journal.append('Ana', [{ action: 'opened', file: ADDRESS.file, content: 'c0' }]);
    const [entry] = await journal.append('Ana', [label(['B-LOC', 'I-LOC'], { suggested })]);
    await journal.append('Ana', [label(['O', 'O'], { action: 'review', start: 2 })]);
    expect(entry).toMatchObject({ v: 1, by: 'Ana', at: expect.stringMatching(/^\d{4}-.*Z$/), suggested });
    for (const known of [journal, await open()]) {
      expect(tagsOf(known)).toEqual(['B-LOC', 'I-LOC', 'O', 'O']);
      expect(known.sentence(ADDRESS)!.tokens[0]!.entry).toEqual(entry);
      expect(known.sentence(ADDRESS)!.reviewed?.by).toBe('Ana');
      expect(known.mark(ADDRESS.file, 'Ana')?.content).toBe('c0');
      expect(annotatorsOf(known)).toEqual(['Ana']);
    }
    expect(await readFile(join(workspace, '.crosstag/journal/.gitattributes'), 'utf8')).toContain('merge=union');
  });

  it('forgets lines whose edit was dropped', async () => {
    const journal = await open();
    await journal.append('Ana', [label(['B-PER'])]);
    const [entry] = await journal.append('Ana', [label(['B-ORG'])]);
    await journal.append('Ana', [{ action: 'dropped', ids: [entry!.id] }]);
    for (const known of [journal, await open()]) expect(tagsOf(known)).toEqual(['B-PER']);
  });

  it('gives lines of one millisecond, and of a clock that is set back, times in their order', async () => {
    const journal = await open();
    const made = await Promise.all(Array.from({ length: 50 }, (_, i) => journal.append('Ana', [label([`B-L${i}`])])));
    const times = made.map(([entry]) => entry!.at);
    expect(new Set(times).size).toBe(50);
    expect([...times].sort()).toEqual(times);
    await appendFile(pathOf('Ana'), `${JSON.stringify({ ...made[0]![0], id: 'later', at: soon(3600_000) })}\n`);
    const again = await open();
    const [entry] = await again.append('Ana', [label(['B-NEW'])]);
    expect(entry!.at > soon(3600_000 - 5000)).toBe(true);
    expect(tagsOf(again)).toEqual(['B-NEW']);
  });

  it('hears what another program writes, and what a switched branch takes away', async () => {
    const [journal, other] = [await open(), await open()];
    await journal.append('Ana', [label(['B-PER'])]);
    const before = await readFile(pathOf('Ana'));
    await other.append('Ana', [label(['B-LOC'])]);
    expect(await journal.refresh()).toBe(true);
    expect(tagsOf(journal)).toEqual(['B-LOC']);
    expect(await journal.refresh()).toBe(false);
    await rm(pathOf('Ana'));
    await writeFile(pathOf('Ana'), before);
    expect(await journal.refresh()).toBe(true);
    expect(tagsOf(journal)).toEqual(['B-PER']);
    await journal.append('Ana', [label(['B-ORG'])]);
    expect(tagsOf(await open())).toEqual(['B-ORG']);
  });
});

const soon = (milliseconds: number) => new Date(Date.now() + milliseconds).toISOString();

it('knows that numbers of programs are given anew when a machine is started', async () => {
  const journal = await open();
  const [line] = await journal.append('Ngũgĩ', [label(['B-PER'])]);
  expect(isRunning(line!)).toBe(true);
  const before = new Date(Date.now() - (uptime() + 120) * 1000).toISOString();
  expect(isRunning({ ...line!, at: before })).toBe(false);
  const parent = line!.run!.replace(/\d+$/, String(process.ppid));
  expect(isRunning({ ...line!, run: parent })).toBe(true);
  expect(isRunning({ ...line!, run: parent, at: before })).toBe(false);
});

describe('a damaged journal', () => {
  it('loses the line that a crash has cut off and nothing else, and goes on behind it', async () => {
    const journal = await open();
    await journal.append('Ana', [label(['B-PER'])]);
    const whole = await readFile(pathOf('Ana'), 'utf8');
    for (const cut of [1, 20, whole.length - 2]) {
      await writeFile(pathOf('Ana'), whole + whole.replace(/"id":"/, '$&x').slice(0, cut));
      const after = await open();
      expect(tagsOf(after)).toEqual(['B-PER']);
      await after.append('Ana', [label(['B-LOC'])]);
      expect(tagsOf(await open())).toEqual(['B-LOC']);
    }
    expect(problems[0]!.message).toBe(
      `${pathOf('Ana')}:2:1: the line is cut off or damaged; the others are used; delete it, or restore the file from a copy`,
    );
  });

  it('uses a last line that only lacks its end', async () => {
    await (await open()).append('Ana', [label(['B-PER'])]);
    await writeFile(pathOf('Ana'), (await readFile(pathOf('Ana'), 'utf8')).trimEnd());
    const again = await open();
    expect(tagsOf(again)).toEqual(['B-PER']);
    await again.append('Ana', [label(['B-LOC'])]);
    const last = await open();
    expect([last.entries().length, tagsOf(last), problems]).toEqual([2, ['B-LOC'], []]);
  });

  it('says what is wrong in one message a line, uses the rest and changes no byte', async () => {
    const journal = await open();
    await journal.append('Ana', [label(['B-PER'])]);
    const [line] = (await readFile(pathOf('Ana'), 'utf8')).split('\n');
    const bad = [
      '<<<<<<< HEAD',
      line!,
      '=======',
      line!
        .replace(/"id":"[^"]*"/, '"id":"theirs"')
        .replace('B-PER', 'B-LOC')
        .replace(/"by":"Ana"/, '"by":"Ben"'),
      '>>>>>>> branch',
      line!.replace('"v":1', '"v":2'),
      '{"v":1,"id":"x","at":"yesterday"}',
      '',
      'ሰላም\ud800\r',
    ];
    await writeFile(pathOf('Ana'), `\ufeff${bad.join('\r\n')}\n`);
    const bytes = await readFile(pathOf('Ana'));
    const again = await open();
    await again.refresh();
    expect(again.entries().map(({ by }) => by)).toEqual(['Ana', 'Ben']);
    expect(problems.map(({ line, what }) => [line, what.replace(/ \(.*/, '')])).toEqual([
      [1, 'git has left a conflict marker'],
      [3, 'git has left a conflict marker'],
      [5, 'git has left a conflict marker'],
      [6, 'the line was written by a newer Crosstag'],
      [7, 'the line is none of a journal'],
      [9, 'the line is cut off or damaged'],
    ]);
    expect(await readFile(pathOf('Ana'))).toEqual(bytes);
  });

  it('cannot be written to: the caller hears why, and the label counts for nothing', async () => {
    await mkdir(pathOf('Ana'), { recursive: true });
    const journal = await open();
    const refused = journal.append('Ana', [label(['B-PER'])]);
    await expect(refused).rejects.toThrow(`${pathOf('Ana')}: it is a folder; the label was not set; name a file in it`);
    expect(journal.sentence(ADDRESS)).toBeUndefined();
    await rm(pathOf('Ana'), { recursive: true });
    await journal.append('Ana', [label(['B-LOC'])]);
    expect(tagsOf(journal)).toEqual(['B-LOC']);
    expect(journal.entries().map(({ action }) => action)).toEqual(['dropped', 'label']);
  });
});

describe('many labels at once', () => {
  it('are refused as one is', async () => {
    await mkdir(pathOf('Ana'), { recursive: true });
    const journal = await open();
    const refused = journal.append('Ana', new Array<EntryDraft>(200_000).fill(label(['B-PER'])));
    await expect(refused).rejects.toThrow('it is a folder; the label was not set');
  });
});

describe('two annotators', () => {
  const write = async (...lines: [by: string, tags: string[], more?: Partial<LabelEntry>][]) => {
    await mkdir(join(workspace, '.crosstag', 'journal'), { recursive: true });
    for (const [i, [by, after, more]] of lines.entries()) {
      const entry = { v: 1, id: `${by}${i}`, at: soon(i * 1000 - 3600_000), by, ...label(after, more) };
      await appendFile(pathOf(by), `${JSON.stringify(entry)}\n`);
    }
    return open();
  };
  const choicesOf = (journal: Journal) =>
    journal
      .sentence(ADDRESS)!
      .conflicts.map(({ start, end, choices }) => [
        start,
        end,
        ...choices.map(({ tags, entry }) => `${entry.by}: ${tags.map((tag) => tag ?? '_').join(' ')}`),
      ]);

  it('who agree, or work on other tokens, or correct one another, are in no conflict', async () => {
    const journal = await write(
      ['Ben', ['B-LOC', 'I-LOC']],
      ['Ana', ['B-LOC', 'I-LOC']],
      ['Ana', ['B-PER'], { start: 3 }],
      ['Ben', ['B-ORG'], { start: 3, before: ['B-PER'] }],
    );
    expect(tagsOf(journal)).toEqual(['B-LOC', 'I-LOC', undefined, 'B-ORG']);
    expect(choicesOf(journal)).toEqual([]);
  });

  it('who gave other labels without knowing are in one, over whole spans, until somebody settles it', async () => {
    const journal = await write(
      ['Ana', ['B-LOC', 'I-LOC']],
      ['Ben', ['B-ORG', 'I-ORG', 'I-ORG']],
      ['Ana', ['O'], { start: 3 }],
    );
    expect(choicesOf(journal)).toEqual([[0, 3, 'Ana: B-LOC I-LOC _', 'Ben: B-ORG I-ORG I-ORG']]);
  });

  it('settle it by a line of whoever chooses', async () => {
    const settled: Partial<LabelEntry> = { action: 'settle', before: ['B-ORG', 'I-ORG'] };
    const journal = await write(
      ['Ana', ['B-LOC', 'I-LOC']],
      ['Ben', ['B-ORG', 'I-ORG']],
      ['Ana', ['B-LOC', 'I-LOC'], settled],
    );
    expect(choicesOf(journal)).toEqual([]);
    expect(tagsOf(journal)).toEqual(['B-LOC', 'I-LOC']);
  });
});

it('is merged by git without a conflict, also where one annotator worked on both branches', async () => {
  const git = (...args: string[]) => {
    const who = ['-c', 'user.name=test', '-c', 'user.email=test@localhost', '-c', 'commit.gpgsign=false'];
    return execFileSync('git', [...who, ...args], { cwd: workspace, encoding: 'utf8', stdio: 'pipe' });
  };
  const commit = () => [git('add', '-A'), git('commit', '-qm', 'labels')];
  git('init', '-q', '-b', 'main');
  await (await open()).append('Ana', [label(['B-PER'])]);
  commit();
  git('checkout', '-qb', 'other');
  const other = await open();
  await other.append('Ben', [label(['B-ORG'], { nth: 1 })]);
  await other.append('Ana', [label(['B-LOC'], { start: 1 })]);
  commit();
  git('checkout', '-q', 'main');
  await other.refresh();
  expect(annotatorsOf(other)).toEqual(['Ana']);
  await other.append('Ana', [label(['O'], { start: 2 })]);
  commit();
  git('merge', '-q', 'other');
  await other.refresh();
  expect(tagsOf(other)).toEqual(['B-PER', 'B-LOC', 'O']);
  expect(other.sentence({ ...ADDRESS, nth: 1 })!.tokens[0]!.tag).toBe('B-ORG');
  expect([annotatorsOf(other), problems]).toEqual([['Ana', 'Ben'], []]);
});

it('reads 100,000 lines without keeping anyone waiting', { timeout: 60_000 }, async () => {
  const journal = await open();
  const [entry] = await journal.append('Ana', [label(['B-LOC', 'I-LOC'])]);
  const { id, nth, ...rest } = entry as LabelEntry;
  const lines = Array.from(
    { length: 100_000 },
    (_, i) => `${JSON.stringify({ ...rest, id: `${id}${i}`, nth: i % 5000 })}\n`,
  );
  await writeFile(pathOf('Ana'), lines.join(''));
  let [longest, last] = [0, performance.now()];
  const timer = setInterval(() => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
  }, 1);
  const big = await open();
  clearInterval(timer);
  expect(big.entries()).toHaveLength(100_000);
  expect(await readdir(join(workspace, '.crosstag', 'journal'))).toHaveLength(2);
  // 10 ms of work at a time; a busy machine may take a program off its core for longer.
  expect(longest).toBeLessThan(500);
});

describe('a file with another name', () => {
  const tags = (journal: Journal, file: string) =>
    journal.sentence({ ...ADDRESS, file })?.tokens.map((decision) => decision?.tag);

  it('keeps what was decided in it, also where it was renamed twice; a new one under the old name is another', async () => {
    const journal = await open();
    await journal.append('ngũgĩ', [label(['B-LOC'])]);
    await journal.append('ngũgĩ', [
      { action: 'renamed', from: ADDRESS.file, to: 'b.conll' },
      { action: 'renamed', from: 'b.conll', to: 'ተረት/c.conll' },
    ]);
    // A new file under the old name is another one.
    await journal.append('ngũgĩ', [{ action: 'opened', file: ADDRESS.file, content: 'c1' }, label(['B-PER'])]);
    for (const known of [journal, await open()]) {
      expect(tags(known, 'ተረት/c.conll')).toEqual(['B-LOC']);
      expect(tags(known, 'b.conll')).toBeUndefined();
      expect(tags(known, ADDRESS.file)).toEqual(['B-PER']);
      expect(known.files().sort()).toEqual(['ተረት/c.conll', ADDRESS.file].sort());
    }
  });

  it('is in a folder that got another name', async () => {
    const journal = await open();
    await journal.append('ngũgĩ', [label(['B-LOC']), { action: 'renamed', from: 'አማርኛ', to: 'amharic' }]);
    expect(tags(journal, 'amharic/a.conll')).toEqual(['B-LOC']);
    expect(journal.entries().map((entry) => 'file' in entry && entry.file)).toEqual(['amharic/a.conll', false]);
    await journal.append('አበበ', [label(['O'], { file: 'amharic/a.conll' })]);
    expect(journal.sentence({ ...ADDRESS, file: 'amharic/a.conll' })?.conflicts).toHaveLength(1);
  });

  it('has taken the place of another one, of which nothing is said any more', async () => {
    const journal = await open();
    await journal.append('ngũgĩ', [
      label(['B-OLD'], { file: 'b.conll' }),
      label(['B-OLD'], { file: 'b.conll', action: 'review' }),
      label(['B-LOC']),
      { action: 'renamed', from: ADDRESS.file, to: 'b.conll' },
      label(['B-PER'], { file: 'b.conll', start: 1 }),
    ]);
    for (const known of [journal, await open()]) {
      expect(tags(known, 'b.conll')).toEqual(['B-LOC', 'B-PER']);
      expect(known.sentence({ ...ADDRESS, file: 'b.conll' })!.reviewed).toBeUndefined();
      expect(known.entries()).toHaveLength(3);
    }
  });

  it('that was renamed alike on two branches keeps all of its history', async () => {
    const journal = await open();
    const rename: EntryDraft = { action: 'renamed', from: ADDRESS.file, to: 'b.conll' };
    await journal.append('ngũgĩ', [label(['B-LOC']), rename, label(['B-PER'], { file: 'b.conll', start: 1 })]);
    await journal.append('አበበ', [rename]);
    for (const known of [journal, await open()]) expect(tags(known, 'b.conll')).toEqual(['B-LOC', 'B-PER']);
  });

  it('is the one that somebody labels under its old name who does not know yet', async () => {
    const journal = await open();
    await journal.append('አበበ', [{ action: 'opened', file: ADDRESS.file, content: 'c0' }]);
    await journal.append('ngũgĩ', [
      { action: 'renamed', from: ADDRESS.file, to: 'b.conll' },
      { action: 'renamed', from: 'b.conll', to: 'c.conll' },
      label(['B-LOC'], { file: 'c.conll' }),
    ]);
    await journal.append('አበበ', [label(['B-ORG'])]);
    for (const known of [journal, await open()]) {
      expect(known.files()).toEqual(['c.conll']);
      expect(known.sentence({ ...ADDRESS, file: 'c.conll' })!.conflicts).toHaveLength(1);
    }
  });

  it('and another one may have exchanged their names', async () => {
    const journal = await open();
    const rename = (from: string, to: string): EntryDraft => ({ action: 'renamed', from, to });
    await journal.append('ngũgĩ', [
      ...[label(['B-A'], { file: 'a' }), label(['B-B'], { file: 'b' })],
      ...[rename('a', 'other'), rename('b', 'a'), rename('other', 'b')],
      ...[label(['B-C'], { file: 'a', start: 1 }), label(['B-D'], { file: 'b', start: 1 })],
    ]);
    expect([tags(journal, 'a'), tags(journal, 'b')]).toEqual([
      ['B-B', 'B-C'],
      ['B-A', 'B-D'],
    ]);
  });
});
