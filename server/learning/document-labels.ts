// The documents of a workspace folder that people label: their sentences with the labels in the files, and what the journal
// says of them.

import type { LabelledSentence } from '../tagger/index.ts';
import { convertTags, detectScheme, OUTSIDE } from '../tags/index.ts';
import {
  annotationFilesOf,
  contentHash,
  detectFormat,
  isAnnotated,
  parseDocument,
  readTextFile,
  refuseJsonArray,
  type Task,
  type TextDocument,
} from '../text/index.ts';
import { nameWithin } from '../workspace/file-name.ts';
import type { Files } from '../workspace/host.ts';
import { addressesIn, type Journal, rawTags } from '../workspace/journal/index.ts';
import type { LanguageFile, LearnPlan, Project } from '../workspace/project.ts';

/** A document as an editor has it, where that is not what lies on the disk. */
export interface OpenText {
  /** Absolute. */
  readonly path: string;
  readonly text: string;
  /** Of raw text: its annotation file. */
  readonly annotations?: string;
}

/** A sentence of a document that has a label. */
export interface DocumentSentence extends LabelledSentence {
  readonly language: string;
  /** Which stretch of neighbours of which document it is in. */
  readonly stretch: string;
}

/** A sentence of a document, and what is known of it. */
export interface GatheredSentence extends DocumentSentence {
  readonly hash: string;
  /** Tokens that people have decided. */
  readonly human: number;
  readonly reviewed: boolean;
}

export interface DocumentsOptions {
  readonly files: Files;
  readonly project: Project;
  readonly plan: LearnPlan;
  /** Documents that are open in an editor. */
  readonly open?: readonly OpenText[];
  /** Told of what cannot be used, in words for people; the rest is used. */
  readonly warn?: (message: string) => void;
  /** Looked at between two documents. */
  readonly signal?: AbortSignal | undefined;
}

type Tags = readonly (string | undefined)[];

/** Sentences of a stretch. */
const STRETCH = 25;

/** The documents, read one after another. */
export class Documents {
  readonly all: GatheredSentence[] = [];
  count = 0;
  readonly #journal: Journal;
  readonly #options: DocumentsOptions;
  readonly #open: ReadonlyMap<string, OpenText>;

  constructor(journal: Journal, options: DocumentsOptions) {
    this.#journal = journal;
    this.#options = options;
    this.#open = new Map(options.open?.map((document) => [document.path, document]));
  }

  async read(file: LanguageFile): Promise<void> {
    const { warn, plan, project } = this.#options;
    const document = await this.#parse(file).catch((error) => warn?.((error as Error).message));
    if (!document || (document.task !== plan.task && hasLabels(document))) {
      if (document) warn?.(`${file.path}: its labels are for another task (${document.task}); they are left out`);
      return;
    }
    this.count++;
    const toModel = modelTags(document, plan.task);
    const name = nameWithin(project.folder, file.path);
    const addressOf = addressesIn(name);
    for (const [number, sentence] of document.sentences.entries()) {
      if (sentence.tokens.length === 0) continue;
      const words = sentence.tokens.map(({ form }) => form);
      const hash = contentHash(words);
      const decisions = this.#journal.sentence(addressOf(hash));
      const reviewed = decisions?.reviewed !== undefined;
      const own = toModel(tagsOf(sentence));
      const tags = isAnnotated(document) && plan.task === 'ner' ? rawTags(own, decisions) : own;
      const human = tags.filter(
        (tag, i) => tag !== undefined && (reviewed || decisions?.tokens[i] !== undefined),
      ).length;
      const weight = human > 0 ? plan.settings.humanWeight : 1;
      const stretch = `${name}/${Math.floor(number / STRETCH)}`;
      this.all.push({
        ...{ words, tags, hash, human, reviewed, stretch, language: file.language },
        ...(weight !== 1 && { weight }),
      });
    }
  }

  async #parse({ path, language }: LanguageFile): Promise<TextDocument> {
    const open = this.#open.get(path);
    const text = open?.text ?? (await readTextFile(path));
    const format = detectFormat(path, text);
    refuseJsonArray(format, text, path);
    const isRaw = format === 'txt' || format === 'standoff';
    const annotations = isRaw ? (open?.annotations ?? (await this.#annotations(path))) : '';
    const { task } = this.#options.plan;
    return parseDocument(text, { format, language, annotations, outside: null, undecided: task });
  }

  async #annotations(path: string): Promise<string> {
    for (const file of annotationFilesOf(path)) {
      if (file !== path && (await this.#options.files.exists(file))) return readTextFile(file);
    }
    return '';
  }
}

/** From the tags of a document to those of models; what is no tag of the document's scheme counts as undecided. */
function modelTags(document: TextDocument, task: Task): (tags: Tags) => Tags {
  if (task === 'pos') return (tags) => tags;
  const { scheme } = detectScheme(document.sentences.map(tagsOf));
  if (scheme === 'pos') return (tags) => tags.map((tag) => (tag === OUTSIDE ? tag : undefined));
  const isTag = (tag: string | undefined) => tag === OUTSIDE || (tag !== undefined && /^[BIESLU]-./.test(tag));
  return (tags) =>
    convertTags(
      tags.map((tag) => (isTag(tag) ? tag : undefined)),
      'bio',
      scheme,
    );
}

function tagsOf({ tokens }: TextDocument['sentences'][number]): (string | undefined)[] {
  return tokens.map(({ label }) => label);
}

function hasLabels({ sentences }: TextDocument): boolean {
  return sentences.some(({ tokens }) => tokens.some(({ label }) => label !== undefined));
}
