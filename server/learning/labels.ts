// All labels of a workspace folder: of the labelled files that crosstag.json names, and of the documents that people label,
// the held-out ones apart.
import type { LabelledSentence } from '../tagger/index.ts';
import { contentHash, type Task } from '../text/index.ts';
import type { Files } from '../workspace/host.ts';
import { Journal } from '../workspace/journal/index.ts';
import { forModel, readLabelled } from '../workspace/labelled-files.ts';
import { type LanguageFile, type LearnPlan, Project } from '../workspace/project.ts';
import { projectFiles } from '../workspace/project-files.ts';
import { type DocumentSentence, Documents, type DocumentsOptions, type GatheredSentence } from './document-labels.ts';
import { isHeldOut } from './holdout.ts';

export interface WorkspaceCounts {
  readonly documents: number;
  readonly sentences: number;
  /** Sentences that people have marked as reviewed. */
  readonly reviewed: number;
  /** Sentences with a label. */
  readonly labelled: number;
  /** Sentences with a label that are held out. */
  readonly heldOut: number;
  /** Tokens of the documents that are decided, by whom: people in the editor, or the file as it came. */
  readonly human: number;
  readonly file: number;
  /** Sentences of the labelled files. */
  readonly source: number;
}

export interface WorkspaceLabels {
  readonly task: Task;
  /** Of the labelled files; sentences that are held out are not among them, wherever they stand. */
  readonly source: readonly LabelledSentence[];
  readonly dev: readonly LabelledSentence[];
  /** Of the documents, decided in part or wholly. */
  readonly target: readonly DocumentSentence[];
  readonly heldOut: readonly DocumentSentence[];
  /** Sentences of the documents without any label that are not held out. */
  readonly open: readonly Pick<DocumentSentence, 'words' | 'language'>[];
  readonly counts: WorkspaceCounts;
  /** What people have decided, as it was read for this. */
  readonly journal: Journal;
}

/**
 * @throws InputError for labelled files that cannot be read; the signal's reason when it is aborted. What is wrong with
 * documents is a warning
 */
export async function gatherLabels(options: DocumentsOptions): Promise<WorkspaceLabels> {
  const { plan } = options;
  const { documents, journal } = await readDocuments(options);
  const held = heldOutOf(documents, plan);
  const labelled = documents.all.filter(isLabelled);
  const open = documents.all.filter((sentence) => !held.has(sentence.hash) && !isLabelled(sentence));
  const read = async (files: readonly LanguageFile[]) =>
    withoutHeldOut((await readSources(files, plan.task, options.signal)).flat(), held);
  const source = await read(plan.source);
  const heldOut = labelled.filter(({ hash }) => held.has(hash));
  return {
    task: plan.task,
    source,
    dev: await read(plan.dev),
    target: labelled.filter(({ hash }) => !held.has(hash)).map(bare),
    heldOut: unique(heldOut).map(bare),
    open: unique(open).map(bare),
    counts: {
      documents: documents.count,
      sentences: documents.all.length,
      reviewed: documents.all.filter(({ reviewed }) => reviewed).length,
      labelled: labelled.length,
      heldOut: unique(heldOut).length,
      human: labelled.reduce((sum, { human }) => sum + human, 0),
      file: labelled.reduce((sum, { human, tags }) => sum + tags.filter((tag) => tag !== undefined).length - human, 0),
      source: source.length,
    },
    journal,
  };
}

/**
 * Hashes of the sentences of a folder's documents that are held out: no training is to see them, in whichever file they stand.
 * None where the folder has no project.
 */
export async function heldOutIn(files: Files, workspace: string, signal: AbortSignal): Promise<ReadonlySet<string>> {
  const project = await Project.read(files, workspace);
  if (project === undefined) return new Set();
  const plan = project.learning();
  return heldOutOf((await readDocuments({ files, project, plan, signal })).documents, plan);
}

/** The sentences that may be trained on. @param held hashes of those that are held out */
export function withoutHeldOut(sentences: readonly LabelledSentence[], held: ReadonlySet<string>): LabelledSentence[] {
  return sentences.filter(({ words }) => held.size === 0 || !held.has(contentHash(words)));
}

async function readDocuments(options: DocumentsOptions): Promise<{ documents: Documents; journal: Journal }> {
  const { project, signal, warn = () => undefined } = options;
  const journal = new Journal(project.folder, { problem: ({ message }) => warn(message) });
  await journal.refresh();
  const documents = new Documents(journal, options);
  for (const path of (await projectFiles(options.files, project, warn)).sort()) {
    signal?.throwIfAborted();
    const language = project.languageOf(path);
    if (language !== undefined) await documents.read({ path, language });
  }
  return { documents, journal };
}

// No seed: with another hold-out than that of the editor, models would be measured on what they have learnt.
function heldOutOf({ all }: Documents, { settings }: LearnPlan): ReadonlySet<string> {
  return new Set(all.map(({ hash }) => hash).filter((hash) => isHeldOut(hash, settings.holdout)));
}

async function readSources(
  files: readonly LanguageFile[],
  task: Task,
  signal: AbortSignal | undefined,
): Promise<LabelledSentence[][]> {
  const read: LabelledSentence[][] = [];
  for (const file of files) {
    signal?.throwIfAborted();
    read.push(await readSource(file, task));
  }
  return read;
}

async function readSource({ path, language }: LanguageFile, task: Task): Promise<LabelledSentence[]> {
  const sentences = forModel(await readLabelled(path, { task, language }));
  return sentences.filter(isLabelled).map((sentence) => ({ ...sentence, language }));
}

const isLabelled = ({ tags }: LabelledSentence) => tags.some((tag) => tag !== undefined);

function bare({ hash: _, human: __, reviewed: ___, ...sentence }: GatheredSentence): DocumentSentence {
  return sentence;
}

/** One sentence of each content: a copy measures nothing more. Of several the one that is decided furthest. */
function unique(sentences: readonly GatheredSentence[]): GatheredSentence[] {
  const best = new Map<string, GatheredSentence>();
  const decided = ({ tags }: GatheredSentence) => tags.filter((tag) => tag !== undefined).length;
  for (const sentence of sentences) {
    const known = best.get(sentence.hash);
    if (known === undefined || decided(sentence) > decided(known)) best.set(sentence.hash, sentence);
  }
  return [...best.values()];
}
