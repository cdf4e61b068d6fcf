import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { SIZES, TEMPLATES } from '../../../server/encoder/types.ts';
import { disk } from '../../../server/workspace/disk.ts';
import { Project } from '../../../server/workspace/project.ts';
import { projectText } from '../../../server/workspace/project-draft.ts';
import { projectJsonSchema, projectSchema } from '../../../server/workspace/project-schema.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crosstag-project-'));
});
afterAll(() => rm(folder, { recursive: true }));

const parse = (value: unknown) =>
  Project.parse(typeof value === 'string' ? value : JSON.stringify(value, null, 2), '/p');

const twoLanguages = {
  task: 'ner',
  languages: [
    { language: 'en', text: 'corpora/en.txt', train: ['labels/en.conll'], dev: 'labels/en-dev.conll' },
    { language: 'am', text: 'ጽሑፍ/አማርኛ.txt', documents: ['ጽሑፍ/ዜና', 'news.txt'], test: ['test/am.ann'] },
  ],
  encoder: { size: 'tiny', pairs: 'en-am.txt', minutes: 10 },
};

it('is described in docs/project.md, field by field', async () => {
  const page = await readFile(join(import.meta.dirname, '..', '..', '..', 'docs', 'project.md'), 'utf8');
  const fieldsOf = (value: unknown): string[] => {
    if (typeof value !== 'object' || value === null) return [];
    const own = 'properties' in value ? Object.keys(value.properties as object) : [];
    return [...own, ...Object.values(value).flatMap(fieldsOf)];
  };
  const fields = new Set(fieldsOf(projectJsonSchema()));
  expect(fields.size).toBeGreaterThan(20);
  for (const field of fields) if (field !== '$schema') expect(page, field).toContain(`\`${field}\``);
});

/** What is wrong, with its place. */
function problem(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return (error as Error).message;
  }
  return 'nothing';
}

describe('crosstag.json', () => {
  it('gives absolute paths to pre-training', () => {
    expect(parse(twoLanguages).pretraining()).toEqual({
      name: 'en-am',
      texts: [
        { language: 'en', path: '/p/corpora/en.txt' },
        { language: 'am', path: '/p/ጽሑፍ/አማርኛ.txt' },
      ],
      template: 'layer_avl',
      size: 'tiny',
      pairs: [{ languages: ['en', 'am'], list: '/p/en-am.txt' }],
      limits: { minutes: 10 },
    });
  });

  it('says how it learns, and what is wrong with that', () => {
    const learning = {
      humanWeight: 2,
      holdout: 0.2,
      corrections: 50,
      minutes: 5,
      strategy: 'mnlp',
      unit: 'span',
      kappa: 1,
    };
    expect(parse({ ...twoLanguages, learning }).description.learning).toEqual(learning);
    const wrong = (value: object) => problem(() => parse({ ...twoLanguages, learning: value }));
    expect(wrong({ holdout: 0.6 })).toContain('this keeps more than half of the sentences from training; ');
    expect(wrong({ corrections: 0 })).toContain('"corrections" is not above 0; write a greater number');
    expect(wrong({ strategy: 'oracle' })).toContain('"strategy" cannot be "oracle"; write one of random, ');
  });

  it('tells training the language of each labelled file', () => {
    expect(parse(twoLanguages).training()).toEqual({
      task: 'ner',
      train: [{ language: 'en', path: '/p/labels/en.conll' }],
      dev: [{ language: 'en', path: '/p/labels/en-dev.conll' }],
      targetDev: [],
      test: [{ language: 'am', path: '/p/test/am.ann' }],
      target: 'am',
      pairs: { languages: ['en', 'am'], list: '/p/en-am.txt' },
      parts: 'both',
      limits: {},
    });
    const tagger = { parts: 'deep', features: 'layer=3', epochs: 5, minutes: 2.5 };
    expect(parse({ ...twoLanguages, tagger }).training()).toMatchObject({
      ...{ parts: 'deep', features: 'layer=3', limits: { epochs: 5, minutes: 2.5 } },
    });
  });

  it('gives a tagger the word vectors of the languages, where it shall read them', () => {
    const [en, am] = twoLanguages.languages;
    const vectors = [
      { language: 'en', path: '/p/en.vec' },
      { language: 'ar', path: '/p/ar.vec' },
    ];
    const languages = [{ ...en, vectors: 'en.vec' }, am, { language: 'ar', vectors: 'ar.vec' }];
    const project = parse({ ...twoLanguages, languages, tagger: { vectors: true, epochs: 2 } });
    for (const plan of [project.training(), project.learning()]) {
      expect(plan).toMatchObject({ vectors, limits: { epochs: 2 } });
      expect(plan.limits).toEqual({ epochs: 2 });
    }
    // What has no text is of no use to the encoder, but to the tagger
    expect(project.pretraining().vectors).toEqual([vectors[0]]);
    expect(
      parse({ ...twoLanguages, languages: [{ ...en, vectors: 'en.vec' }, am] }).training().vectors,
    ).toBeUndefined();
    expect(problem(() => parse({ ...twoLanguages, tagger: { vectors: true } }).training())).toContain(
      'the tagger is to read word vectors, and no language has them; give the languages their "vectors", or leave this out',
    );
  });

  it('has a word list of any two of its languages', () => {
    const [en, am] = twoLanguages.languages;
    const third = { language: 'sr-Latn', text: 'sr.txt', documents: ['sr'] };
    const of = (pairs: unknown, ...languages: object[]) => parse({ ...twoLanguages, languages, encoder: { pairs } });
    const lists = { 'en-sr-Latn': 'lists/en-sr.txt', 'sr-Latn-am': 'lists/sr-am.txt' };
    const project = of(lists, am, en, third);
    expect(project.pretraining().pairs).toEqual([
      { languages: ['en', 'sr-Latn'], list: '/p/lists/en-sr.txt' },
      { languages: ['sr-Latn', 'am'], list: '/p/lists/sr-am.txt' },
    ]);
    expect([...project.otherFiles()]).toEqual(expect.arrayContaining(['/p/lists/en-sr.txt', '/p/lists/sr-am.txt']));
    expect([project.training().target, project.training().pairs]).toEqual([undefined, undefined]);
    const named = parse({ ...project.description, tagger: { target: 'sr-Latn' } });
    for (const plan of [named.training(), named.learning()]) expect(plan.pairs?.list).toBe('/p/lists/en-sr.txt');
    expect(problem(() => of({ 'en-fr': 'fr.txt' }, en, am).pretraining())).toMatch(
      /\d+:\d+: "en-fr" names no two languages that have a text; write two of en, am with a hyphen between them$/,
    );
    expect(problem(() => of(7, en, am))).toContain(
      '"pairs" is not a string in double quotes or an object in braces; write a string in double quotes or an object in',
    );
    expect(problem(() => of({ 'en-am': 7 }, en, am))).toContain('"en-am" is not a string in double quotes; write a');
    for (const path of ['/abs.txt', { 'en-am': '/abs.txt' }]) {
      expect(problem(() => of(path, en, am))).toContain('this is no relative path; write it from the folder of');
    }
  });

  it('translates from the language with labels to the one without, whichever a word list begins with', () => {
    const [en, am] = twoLanguages.languages;
    const turned = parse({ ...twoLanguages, languages: [am, en] });
    expect(turned.training()).toMatchObject({ target: 'am' });
    expect(turned.training().pairs).toEqual({ languages: ['am', 'en'], list: '/p/en-am.txt' });
    const both = parse({ ...twoLanguages, languages: [en, { ...am, train: ['am.conll'] }] }).training();
    expect([both.target, both.pairs]).toEqual([undefined, undefined]);
    expect(both.train.map(({ language }) => language)).toEqual(['en', 'am']);
    const three = parse({ ...twoLanguages, languages: [en, am, { language: 'ar' }] });
    expect([three.training().target, three.learning().target]).toEqual([undefined, 'am']);
    const named = parse({
      ...twoLanguages,
      languages: [en, am, { language: 'ar' }],
      tagger: { target: 'am', epochs: 2 },
    });
    expect(named.training()).toMatchObject({ target: 'am', pairs: parse(twoLanguages).training().pairs });
    expect(named.training().limits).toEqual({ epochs: 2 });
    expect(named.learning().target).toBe('am');
    const same = parse({ ...twoLanguages, tagger: { target: 'en' } });
    expect([same.training().pairs, same.learning().pairs]).toEqual([undefined, undefined]);
    expect(problem(() => parse({ ...twoLanguages, tagger: { target: 'ar' } }).training())).toMatch(
      /crosstag\.json:\d+:\d+: ar is none of the languages here; name one of en, am$/,
    );
  });

  it.each([
    ['/p/corpora/en.txt', 'en'],
    ['/p/labels/en-dev.conll', 'en'],
    ['/p/ጽሑፍ/አማርኛ.txt', 'am'],
    ['/p/ጽሑፍ/ዜና/ሐምሌ/ዜና.txt', 'am'],
    ['/p/ጽሑፍ/ዜናዎች.txt', undefined],
    ['/p/test/am.txt', 'am'],
    ['/p/news.txt', 'am'],
    ['/p/other/news.txt', undefined],
    ['/elsewhere/news.txt', undefined],
  ])('says the language of %s: %s', (path, language) => {
    expect(parse(twoLanguages).languageOf(path)).toBe(language);
  });

  it('lets the longest listed path decide, however it is written', () => {
    const project = parse({
      task: 'pos',
      languages: [
        { language: 'ar', documents: ['./نصوص//', '.'] },
        { language: 'ary', documents: ['نصوص/دارجة/', '../شقيق'] },
      ],
    });
    expect(project.languageOf('/p/نصوص/أ.conllu')).toBe('ar');
    expect(project.languageOf('/p/نصوص/دارجة/أ.conllu')).toBe('ary');
    expect(project.languageOf('/p/x.conllu')).toBe('ar');
    expect(project.languageOf('/شقيق/x.conllu')).toBe('ary');
  });

  it('is written with paths relative to its folder, and never with a mistake', () => {
    const draft = projectSchema.parse({
      ...twoLanguages,
      languages: [
        { language: 'en', text: 'x', train: [] },
        { language: 'am', documents: [] },
      ],
    });
    const [en, am] = draft.languages;
    const chosen = {
      ...draft,
      languages: [
        { ...en!, text: '/p/corpora/en.txt', train: ['/p/labels/en.conll'], dev: '/elsewhere/dev.conll' },
        { ...am!, text: '/p/ጽሑፍ/አማርኛ.txt', documents: ['/p'] },
      ],
      encoder: { ...draft.encoder, pairs: '/p/en-am.txt' },
    };
    expect(JSON.parse(projectText(chosen, '/p'))).toEqual({
      task: 'ner',
      languages: [
        { language: 'en', text: 'corpora/en.txt', train: ['labels/en.conll'], dev: '../elsewhere/dev.conll' },
        { language: 'am', text: 'ጽሑፍ/አማርኛ.txt', documents: ['.'] },
      ],
      encoder: { size: 'tiny', pairs: 'en-am.txt', minutes: 10 },
    });
    const lists = { ...chosen.encoder, pairs: { 'en-am': '/p/lists/en-am.txt' } };
    expect(JSON.parse(projectText({ ...chosen, encoder: lists }, '/p')).encoder.pairs).toEqual({
      'en-am': 'lists/en-am.txt',
    });
    expect(() => projectText({ ...chosen, languages: [] }, '/p')).toThrow('"languages" is empty');
  });
});

describe('mistakes in crosstag.json', () => {
  it.each([
    ['', '1:1: the file is empty; write an object in braces, or remove the file'],
    ['{ "task": ner }', '1:11: this is no JSON value; write a string in double quotes, a number, a list or an object'],
    ['{\n  "task": "ner"\n  "languages": []\n}', '3:3: a comma is missing; put one between the two values'],
    ['{\n  "task": "ner", // names\n}', '2:18: JSON has no comments; remove it'],
    ['{ "task": "ner", "languages": [{ "language": "am", }] }', '1:52: a name in double quotes is missing; '],
    ['{ "task": "ner', '1:11: a string has no end; close it with a double quote'],
    ['[]', '1:1: "the whole" is not an object in braces; write an object in braces'],
    ['{ "task": "ner" }', '1:1: "languages" is missing; add it (The languages with their files'],
    ['{\n "task": "ner",\n "task": "pos"\n}', '3:2: "task" is there twice; keep one of them'],
    ['{ "task": "names", "languages": [] }', '1:11: "task" cannot be "names"; write one of ner, pos'],
    [
      '{ "task": "ner", "labels": ["CLAN", "B-PER"], "languages": [] }',
      '1:37: this cannot be a label: write one word, such as CLAN or CREATIVE_WORK, without B- or I- before it',
    ],
    ['{ "task": "ner", "languages": [] }', '1:31: "languages" is empty; put something into the list'],
    [
      '{ "task": "ner", "languages": [\n{ "language": "am", "txt": "a" }] }',
      '2:21: there is no field "txt" here; use one of language, text, vectors, train, dev, test, documents, or remove it',
    ],
    ['{ "task": "ner", "languages": [{ "text": "a" }] }', '1:32: "language" is missing; add it (BCP 47 tag: '],
    ['{ "task": "ner", "languages": [{ "language": "አማርኛ" }] }', '1:46: this is no language tag; use BCP 47: '],
    ['{ "task": "ner", "languages": [{ "language": "english" }] }', '1:46: this is no language tag; use BCP 47: '],
    ['{ "task": "ner", "languages": [{ "language": "am-a-b" }] }', '1:46: this is no language tag; use BCP 47: '],
    [
      '{ "task": "ner", "languages": [{ "language": "am" },\n { "language": "AM" }] }',
      '2:16: AM is there twice; put its files together',
    ],
    [
      '{ "task": "ner", "languages": [{ "language": "am", "train": "a" }] }',
      '1:61: "train" is not a list in brackets; write a list in brackets',
    ],
    [
      '{ "task": "ner", "languages": [{ "language": "am", "text": "C:\\\\a.txt" }] }',
      '1:60: this is no relative path; write it from the folder of crosstag.json on',
    ],
    [
      '{ "task": "ner", "languages": [{ "language": "am" }], "encoder": { "minutes": 0 } }',
      '1:79: "minutes" is not above 0; write a greater number',
    ],
    [
      '{ "task": "ner", "languages": [{ "language": "am" }], "encoder": { "steps": 1.5 } }',
      '1:77: "steps" is not a whole number; write a whole number',
    ],
    [
      '{ "task": "ner", "languages": [{ "language": "am" }], "encoder": { "name": "../x" } }',
      '1:76: this is no name for a folder; write letters, digits and hyphens',
    ],
    [
      '{ "task": "ner", "languages": [{ "language": "am" }], "tagger": { "features": "layer" } }',
      '1:79: these are no features of an encoder; write layer=N, all, fws or sws',
    ],
  ])('%j: %s', (text, message) => {
    expect(problem(() => parse(text))).toMatch(new RegExp(`^${escaped(`/p/crosstag.json:${message}`)}`));
  });

  it.each([
    [
      [{ language: 'en', text: 'en.txt' }, { language: 'am' }],
      {},
      '3:16: pre-training takes a plain text of two languages or more, but here is one; give each language its "text"',
    ],
    [
      [
        { language: 'en', text: 'en.txt' },
        { language: 'am', text: 'am.txt' },
        { language: 'ar', vectors: 'ar.vec' },
      ],
      {},
      '14:18: ar has vectors but no text; give it its "text"',
    ],
    [
      [
        { language: 'en', text: 'en.txt' },
        { language: 'am', text: 'am.txt' },
      ],
      { template: 'winit_layer_avl' },
      '14:17: the template winit_layer_avl starts from word vectors, and no language has them; ',
    ],
  ])('are found when pre-training is asked for (%#)', (languages, encoder, message) => {
    const project = parse({ task: 'ner', languages, encoder });
    expect(problem(() => project.pretraining())).toMatch(new RegExp(`^${escaped(`/p/crosstag.json:${message}`)}`));
  });

  it('are found when training is asked for', () => {
    const project = parse({ task: 'ner', languages: [{ language: 'en', train: [] }] });
    expect(problem(() => project.training())).toBe(
      '/p/crosstag.json:3:16: no language has labelled files; give one of them its "train"',
    );
  });

  it('may be files that are not there, named at their place', async () => {
    await mkdir(join(folder, 'ጽሑፍ'), { recursive: true });
    await writeFile(join(folder, 'ጽሑፍ', 'አማርኛ.txt'), 'ሰላም\n');
    await writeFile(join(folder, 'crosstag.json'), `\ufeff${JSON.stringify(twoLanguages, null, 2)}`);
    const project = (await Project.read(disk, folder))!;
    const all = new Set(project.pretraining().texts.map(({ path }) => path));
    await expect(project.requireFiles(disk, all)).rejects.toThrow(
      `${join(folder, 'crosstag.json')}:6:15: there is no file corpora/en.txt; correct the path; it starts in ${folder}`,
    );
    await expect(project.requireFiles(disk, new Set([join(folder, 'ጽሑፍ', 'አማርኛ.txt')]))).resolves.toBeUndefined();
    expect(await Project.read(disk, join(folder, 'ጽሑፍ'))).toBeUndefined();
  });
});

describe('the JSON schema', () => {
  const generated = z.fromJSONSchema(projectJsonSchema() as Parameters<typeof z.fromJSONSchema>[0]);
  const wrong = fc.constantFrom<unknown>(
    '',
    '/a',
    'C:x',
    'a\\b',
    'english',
    'huge',
    'B-PER',
    0,
    -1,
    1.5,
    null,
    [],
    ['x', '/y'],
    {},
  );
  const usually = (right: fc.Arbitrary<unknown>) =>
    fc.oneof({ arbitrary: right, weight: 40 }, { arbitrary: wrong, weight: 1 });
  const path = fc.constantFrom('a/b.txt', 'ጽሑፍ/አማርኛ.txt', '../x', 'a b');
  const paths = fc.array(usually(path), { maxLength: 2 });
  const entry = fc.record(
    {
      ...{
        language: usually(fc.constantFrom('am', 'AM', 'pt-BR', 'yor')),
        text: usually(path),
        vectors: usually(path),
      },
      ...{ train: usually(paths), dev: usually(path), test: usually(paths), documents: usually(paths) },
    },
    { requiredKeys: ['language'] },
  );
  const lists = fc.oneof(path, fc.dictionary(fc.constantFrom('en-am', 'x'), usually(path), { maxKeys: 2 }));
  const encoder = fc.record(
    {
      ...{ name: usually(fc.constant('en-am')), size: usually(fc.constantFrom(...SIZES)), pairs: usually(lists) },
      ...{ template: usually(fc.constantFrom(...TEMPLATES)), minutes: usually(fc.constant(0.5)) },
      steps: usually(fc.constant(100)),
    },
    { requiredKeys: [] },
  );
  const tagger = fc.record(
    {
      ...{ parts: usually(fc.constantFrom('both', 'deep')), epochs: usually(fc.constant(3)) },
      ...{ features: usually(fc.constantFrom('all', 'layer=12')), minutes: usually(fc.constant(0.5)) },
      ...{ vectors: usually(fc.boolean()), target: usually(fc.constant('am')) },
    },
    { requiredKeys: [] },
  );
  const project = fc.record(
    {
      task: usually(fc.constantFrom('ner', 'pos')),
      languages: usually(fc.array(usually(entry), { minLength: 1, maxLength: 2 })),
      encoder: usually(encoder),
      tagger: usually(tagger),
      labels: usually(fc.array(usually(fc.constantFrom('CLAN', 'ጎሳ')), { maxLength: 2 })),
      more: wrong,
    },
    { requiredKeys: ['languages'] },
  );

  it('and the reader agree on what a project is', () => {
    let accepted = 0;
    let refused = 0;
    fc.assert(
      fc.property(project, (value) => {
        const editor = generated.safeParse(value).success;
        const { success, error } = projectSchema.safeParse(value);
        // A JSON schema cannot say that a language must not be there twice.
        const said = success || error.issues.every(({ code }) => code === 'custom');
        if (said) accepted++;
        else refused++;
        expect(editor).toBe(said);
      }),
      { numRuns: 2000 },
    );
    expect(Math.min(accepted, refused)).toBeGreaterThan(50);
  });

  it('that ships is made of this source (else: npm run build)', async () => {
    expect(JSON.parse(await readFile('dist/crosstag.schema.json', 'utf8'))).toEqual(projectJsonSchema());
    const { contributes } = JSON.parse(await readFile('package.json', 'utf8'));
    expect(contributes.jsonValidation).toEqual([{ fileMatch: 'crosstag.json', url: './dist/crosstag.schema.json' }]);
  });

  it('is draft 7, forbids what it does not know and explains every field', () => {
    const schema = JSON.parse(JSON.stringify(projectJsonSchema()));
    expect(schema.$schema).toBe('http://json-schema.org/draft-07/schema#');
    const explained = (object: {
      properties: Record<string, { description?: string }>;
      additionalProperties: boolean;
    }) => {
      expect(object.additionalProperties).toBe(false);
      for (const [name, { description }] of Object.entries(object.properties)) {
        if (name !== '$schema') expect(description, name).toBeTypeOf('string');
      }
    };
    explained(schema);
    explained(schema.properties.languages.items);
    explained(schema.properties.encoder);
    explained(schema.properties.tagger);
  });
});

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
