// crosstag.json at the root of a workspace: which languages, which files, what to train.

import { isAbsolute, join, posix } from 'node:path';
import { type LanguageListFile, languagesNamed } from '../encoder/pairs.ts';
import type { PretrainOptions } from '../encoder/types.ts';
import { decodeText, type InputError, type Task } from '../text/index.ts';
import { type CheckedJson, checkJson, type JsonPath } from './checked-json.ts';
import { nameWithin } from './file-name.ts';
import type { Files } from './host.ts';
import {
  ENCODER_DEFAULTS,
  LEARNING_DEFAULTS,
  type ProjectDescription,
  type ProjectLanguage,
  projectSchema,
} from './project-schema.ts';

export const PROJECT_FILE = 'crosstag.json';

/** A file and the language of its text. */
export interface LanguageFile {
  readonly language: string;
  /** Absolute. */
  readonly path: string;
}

/** What an encoder is pre-trained on and how; all paths are absolute. */
export interface PretrainPlan extends Pick<PretrainOptions, 'texts' | 'template' | 'size' | 'vectors' | 'limits'> {
  /** Name of the encoder's folder. */
  readonly name: string;
  readonly pairs?: readonly LanguageListFile[];
}

/** What a tagger is trained and measured on; all paths are absolute. */
export interface TrainPlan {
  readonly task: Task;
  readonly train: readonly LanguageFile[];
  /** Of the languages that have files to train on. */
  readonly dev: readonly LanguageFile[];
  /** Of the others. */
  readonly targetDev: readonly LanguageFile[];
  readonly test: readonly LanguageFile[];
  /** The language that has no files to train on, where it is the only one. */
  readonly target?: string;
  /** Of the one language with labels and `target`. */
  readonly pairs?: LanguageListFile;
  readonly parts: 'both' | 'deep';
  /** As `EncoderChoice` has them. */
  readonly features?: string;
  /** Word vectors that are read beside the encoder. */
  readonly vectors?: readonly LanguageFile[];
  /** Of the deep part. */
  readonly limits: { readonly epochs?: number; readonly minutes?: number };
}

/** What a tagger learns from, beside the documents that people label; all paths are absolute. */
export interface LearnPlan {
  readonly task: Task;
  /** Labelled files. */
  readonly source: readonly LanguageFile[];
  readonly dev: readonly LanguageFile[];
  /** The language of the documents, where it is one, and another than those of the labelled files. */
  readonly target?: string;
  /** Of the language of the labelled files and `target`. */
  readonly pairs?: LanguageListFile;
  readonly parts: 'both' | 'deep';
  readonly features?: string;
  readonly vectors?: readonly LanguageFile[];
  readonly limits: { readonly epochs?: number; readonly minutes?: number };
  readonly settings: LearningSettings;
}

/** The section `learning` of crosstag.json with its defaults. */
export type LearningSettings = Required<Pick<Learning, keyof typeof LEARNING_DEFAULTS>> &
  Pick<Learning, 'strategy' | 'unit'>;
type Learning = NonNullable<ProjectDescription['learning']>;

export class Project {
  /** The workspace folder. */
  readonly folder: string;
  readonly #json: CheckedJson<ProjectDescription>;

  private constructor(folder: string, json: CheckedJson<ProjectDescription>) {
    this.folder = folder;
    this.#json = json;
  }

  /** @throws InputError with line, column and remedy where the text is no project */
  static parse(text: string, folder: string): Project {
    return new Project(folder, checkJson(text.replace(/^\ufeff/, ''), join(folder, PROJECT_FILE), projectSchema));
  }

  /**
   * The project of a workspace folder; undefined where there is none.
   * @throws InputError as `parse`
   */
  static async read(files: Files, folder: string): Promise<Project | undefined> {
    const path = join(folder, PROJECT_FILE);
    const bytes = await files.read(path);
    return bytes && Project.parse(decodeText(Buffer.from(bytes), path), folder);
  }

  get description(): ProjectDescription {
    return this.#json.value;
  }

  /** Name of the encoder's folder: as the file says, else its languages. */
  get encoderName(): string {
    const withText = this.description.languages.filter(({ text }) => text !== undefined);
    return this.description.encoder?.name ?? withText.map(({ language }) => language).join('-');
  }

  /** Language of a file that is listed, or lies in a listed folder; the longest listed path decides. */
  languageOf(path: string): string | undefined {
    const within = nameWithin(this.folder, path);
    if (isAbsolute(within)) return undefined;
    let best: { language: string; length: number } | undefined;
    for (const entry of this.description.languages) {
      for (const listed of pathsOf(entry)) {
        if (!holds(listed, within) || (best !== undefined && best.length >= listed.length)) continue;
        best = { language: entry.language, length: listed.length };
      }
    }
    return best?.language;
  }

  /**
   * What to pre-train on; `further`: an encoder, which has its vectors and starts from no others.
   * @throws InputError where there are not two texts, or the template wants vectors that are not there
   */
  pretraining({ further = false } = {}): PretrainPlan {
    const { languages, encoder, tagger } = this.description;
    const texts = languages.flatMap(({ language, text }) => (text === undefined ? [] : [this.#file(language, text)]));
    if (texts.length < 2) {
      const what = `pre-training takes a plain text of two languages or more, but here ${texts.length === 0 ? 'is none' : 'is one'}`;
      throw this.#json.error(['languages'], what, 'give each language its "text"');
    }
    const wanted = encoder?.template ?? ENCODER_DEFAULTS.template;
    const template = further && wanted === 'winit_layer_avl' ? 'layer_avl' : wanted;
    const given = further ? [] : languages;
    const vectors = given.flatMap(({ language, vectors, text }, i) => {
      if (vectors === undefined) return [];
      if (text !== undefined) return [this.#file(language, vectors)];
      if (tagger?.vectors) return [];
      throw this.#json.error(['languages', i, 'vectors'], `${language} has vectors but no text`, 'give it its "text"');
    });
    if (template === 'winit_layer_avl' && vectors.length === 0) {
      const what = 'the template winit_layer_avl starts from word vectors, and no language has them';
      throw this.#json.error(['encoder', 'template'], what, 'give the languages their "vectors", or use layer_avl');
    }
    const { minutes, steps } = encoder ?? {};
    const pairs = this.#wordLists();
    return {
      ...{ name: this.encoderName, texts, template, size: encoder?.size ?? ENCODER_DEFAULTS.size },
      ...(vectors.length > 0 && { vectors }),
      ...(pairs.length > 0 && { pairs }),
      limits: { ...(minutes !== undefined && { minutes }), ...(steps !== undefined && { steps }) },
    };
  }

  /**
   * What to train a tagger on.
   * @throws InputError where no language has labelled files to train on
   */
  training(): TrainPlan {
    const { task, languages, tagger = {} } = this.description;
    const { parts = 'both', features, vectors: _, target: __, ...limits } = tagger;
    const vectors = this.#taggerVectors();
    const isTrained = ({ train = [] }: ProjectLanguage) => train.length > 0;
    const trained = languages.filter(isTrained);
    const others = languages.filter((entry) => !isTrained(entry));
    if (trained.length === 0) {
      throw this.#json.error(['languages'], 'no language has labelled files', 'give one of them its "train"');
    }
    const all = (entries: readonly ProjectLanguage[], files: (entry: ProjectLanguage) => readonly string[]) =>
      entries.flatMap((entry) => files(entry).map((file) => this.#file(entry.language, file)));
    const devOf = ({ dev }: ProjectLanguage) => (dev === undefined ? [] : [dev]);
    const target = this.#targetAmong(others);
    const pairs = target === undefined ? undefined : this.#pairsBetween(trained, target);
    return {
      task,
      train: all(trained, ({ train = [] }) => train),
      dev: all(trained, devOf),
      targetDev: all(others, devOf),
      test: all(languages, ({ test = [] }) => test),
      ...(target !== undefined && { target }),
      ...(pairs !== undefined && { pairs }),
      ...(features !== undefined && { features }),
      ...(vectors !== undefined && { vectors }),
      parts,
      limits,
    };
  }

  /**
   * What a tagger learns from when people have labelled documents: the labelled files, if there are any, of the other
   * language or the same one. The documents themselves: `projectFiles`.
   */
  learning(): LearnPlan {
    const { task, languages, tagger = {}, learning = {} } = this.description;
    const { parts = 'both', features, vectors: _, target: __, ...limits } = tagger;
    const vectors = this.#taggerVectors();
    const trained = languages.filter(({ train = [] }) => train.length > 0);
    const labelled = languages.filter(({ documents = [] }) => documents.length > 0);
    const all = (files: (entry: ProjectLanguage) => readonly string[]) =>
      trained.flatMap((entry) => files(entry).map((file) => this.#file(entry.language, file)));
    const others = labelled.filter((entry) => !trained.includes(entry));
    const target = this.#targetAmong(others);
    const pairs = target === undefined ? undefined : this.#pairsBetween(trained, target);
    return {
      ...{ task, parts, limits, settings: { ...LEARNING_DEFAULTS, ...learning } },
      source: all(({ train = [] }) => train),
      dev: all(({ dev }) => (dev === undefined ? [] : [dev])),
      ...(target !== undefined && { target }),
      ...(pairs !== undefined && { pairs }),
      ...(features !== undefined && { features }),
      ...(vectors !== undefined && { vectors }),
    };
  }

  /** An error about what the file says of languages. */
  languagesError(what: string, remedy: string): InputError {
    return this.#json.error(['languages'], what, remedy);
  }

  /** Absolute paths of the files that are there for something else than to be labelled. */
  otherFiles(): ReadonlySet<string> {
    const { languages, encoder } = this.description;
    const named = languages.flatMap(({ text, vectors, train = [], dev, test = [] }) => [
      ...[text, vectors, dev],
      ...train,
      ...test,
    ]);
    return new Set(
      [...named, ...wordListsIn(encoder).map(({ path }) => path)].flatMap((path) =>
        path === undefined ? [] : [join(this.folder, normal(path))],
      ),
    );
  }

  /** Absolute paths of what is listed as documents, files and folders. */
  documentPaths(): string[] {
    return this.description.languages.flatMap(({ documents = [] }) =>
      documents.map((path) => join(this.folder, normal(path))),
    );
  }

  /** What is listed as documents and is not there: an error for each, at its place in crosstag.json. */
  async missingDocuments(files: Files): Promise<InputError[]> {
    const missing: InputError[] = [];
    for (const [i, { documents = [] }] of this.description.languages.entries()) {
      for (const [k, path] of documents.map(normal).entries()) {
        if (await files.exists(join(this.folder, path))) continue;
        const remedy = `correct the path; it starts in ${this.folder}`;
        missing.push(this.#json.error(['languages', i, 'documents', k], `${path}: no such file or folder`, remedy));
      }
    }
    return missing;
  }

  /**
   * For who has to hear of it: an editor goes on with the documents that are there.
   * @throws InputError for the first document that is not there
   */
  async requireDocuments(files: Files): Promise<void> {
    const [missing] = await this.missingDocuments(files);
    if (missing !== undefined) throw missing;
  }

  /** The word vectors that a tagger reads, if it shall. @throws InputError where no language has any */
  #taggerVectors(): LanguageFile[] | undefined {
    const { languages, tagger } = this.description;
    if (!tagger?.vectors) return undefined;
    const files = languages.flatMap(({ language, vectors }) =>
      vectors === undefined ? [] : [this.#file(language, vectors)],
    );
    if (files.length > 0) return files;
    const remedy = 'give the languages their "vectors", or leave this out';
    throw this.#json.error(
      ['tagger', 'vectors'],
      'the tagger is to read word vectors, and no language has them',
      remedy,
    );
  }

  /** The language that the tagger is for. @throws InputError where it is none of the project's */
  #targetAmong(others: readonly ProjectLanguage[]): string | undefined {
    const { languages, tagger } = this.description;
    const named = tagger?.target;
    if (named === undefined) return others.length === 1 ? others[0]!.language : undefined;
    const known = languages.map(({ language }) => language);
    if (known.includes(named)) return named;
    throw this.#json.error(
      ['tagger', 'target'],
      `${named} is none of the languages here`,
      `name one of ${known.join(', ')}`,
    );
  }

  /** The word list of the only language with labels and `target`, in either order. */
  #pairsBetween(trained: readonly ProjectLanguage[], target: string): LanguageListFile | undefined {
    const [source, ...others] = trained.map(({ language }) => language);
    if (source === undefined || source === target || others.length > 0) return undefined;
    return this.#wordLists().find(({ languages }) => languages.includes(source) && languages.includes(target));
  }

  /** @throws InputError where a name means no two languages that have a text */
  #wordLists(): LanguageListFile[] {
    const { languages, encoder } = this.description;
    const known = languages.flatMap(({ language, text }) => (text === undefined ? [] : [language]));
    const [first, second] = known;
    if (first === undefined || second === undefined) return [];
    return wordListsIn(encoder).map(({ at, name, path }) => {
      const pair: LanguageListFile['languages'] | undefined =
        name === undefined ? [first, second] : languagesNamed(name, known);
      if (pair !== undefined) return { languages: pair, list: join(this.folder, path) };
      throw this.#json.error(
        at,
        `"${name}" names no two languages that have a text`,
        `write two of ${known.join(', ')} with a hyphen between them`,
      );
    });
  }

  /**
   * @param paths absolute, of a plan
   * @throws InputError at the place in crosstag.json of the first of them that is not there
   */
  async requireFiles(files: Files, paths: ReadonlySet<string>): Promise<void> {
    for (const { at, path } of this.#places()) {
      const place = join(this.folder, path);
      if (!paths.has(place) || (await files.exists(place))) continue;
      throw this.#json.error(at, `there is no file ${path}`, `correct the path; it starts in ${this.folder}`);
    }
  }

  *#places(): Generator<{ at: JsonPath; path: string }> {
    const { languages, encoder } = this.description;
    for (const [i, entry] of languages.entries()) {
      for (const role of ['text', 'vectors', 'dev'] as const) {
        const path = entry[role];
        if (path !== undefined) yield { at: ['languages', i, role], path };
      }
      for (const role of ['train', 'test'] as const) {
        for (const [k, path] of (entry[role] ?? []).entries()) yield { at: ['languages', i, role, k], path };
      }
    }
    yield* wordListsIn(encoder);
  }

  #file(language: string, path: string): LanguageFile {
    return { language, path: join(this.folder, path) };
  }
}

/** The paths that tell the language of a file. */
function pathsOf({ text, train = [], dev, test = [], documents = [] }: ProjectLanguage): string[] {
  return [text, dev, ...train, ...test, ...documents].flatMap((path) => (path === undefined ? [] : [normal(path)]));
}

/** The word lists of a project, by the names of their languages where they have one. */
function wordListsIn(encoder: ProjectDescription['encoder']): { at: JsonPath; name?: string; path: string }[] {
  const pairs = encoder?.pairs ?? {};
  if (typeof pairs === 'string') return [{ at: ['encoder', 'pairs'], path: pairs }];
  return Object.entries(pairs).map(([name, path]) => ({ at: ['encoder', 'pairs', name], name, path }));
}

/** The one way to write a path, without `/` at its end; an annotation file stands for its text. */
function normal(path: string): string {
  return posix
    .normalize(path)
    .replace(/\/$/, '')
    .replace(/\.ann(\.gz)?$/, '.txt$1');
}

function holds(listed: string, path: string): boolean {
  return listed === '.' || path === listed || path.startsWith(`${listed}/`);
}
