// What the dashboard knows of a workspace folder, and what it concludes from it.
import type { Task } from '../text/index.ts';
import type { HistoryEntry } from './history.ts';
import type { LabelCounts } from './label-counts.ts';
import type { Session } from './sessions.ts';
import { mayStop, STOP_WINDOW } from './stop.ts';

export interface DashboardData {
  /** Of the workspace folder. */
  readonly name: string;
  /** Undefined where there is no project. */
  readonly task?: Task | undefined;
  /** Of the agreement of successive models, at which labelling may stop. */
  readonly threshold: number;
  /** Name of the model in use, as `ner/3`. */
  readonly model?: string | undefined;
  /** Of the task, oldest first. */
  readonly history: readonly HistoryEntry[];
  /** Undefined where nothing says which documents are to be labelled. */
  readonly counts?: LabelCounts | undefined;
  /** Newest first. */
  readonly sessions: readonly Session[];
  /** How retraining stands; undefined where nothing retrains by itself. */
  readonly schedule?: Schedule | undefined;
  /** Labels in the order of their keys. */
  readonly keys: readonly string[];
}

export interface Schedule {
  readonly state: 'idle' | 'waiting' | 'training' | 'paused';
  /** Corrections that no model has learnt from yet, and how many make it train. */
  readonly corrections: number;
  readonly after: number;
}

/** Whether more labels pay, as the agreement of successive models tells. */
export interface Verdict {
  readonly kind: 'unknown' | 'go on' | 'stop';
  /** Agreements known so far, and how many are needed. */
  readonly known: number;
  readonly needed: number;
  /** Of the last `needed` ones; undefined where there are fewer. */
  readonly mean?: number;
}

export function verdictOf(history: readonly HistoryEntry[], threshold: number): Verdict {
  const agreements = history.flatMap(({ kappa }) => kappa ?? []);
  const known = agreements.length;
  if (known < STOP_WINDOW) return { kind: 'unknown', known, needed: STOP_WINDOW };
  const mean = agreements.slice(-STOP_WINDOW).reduce((sum, kappa) => sum + kappa, 0) / STOP_WINDOW;
  return { kind: mayStop(agreements, threshold) ? 'stop' : 'go on', known, needed: STOP_WINDOW, mean };
}

/** The retraining that made the model in use; the last accepted one where that model comes from elsewhere. */
export function currentOf({ history, model }: Pick<DashboardData, 'history' | 'model'>): HistoryEntry | undefined {
  return history.findLast((entry) => entry.model === model) ?? history.findLast(({ accepted }) => accepted);
}

/**
 * Points by which the last retrainings raised the score on the hold-out, and for how many labelled tokens. Each is compared
 * with the model before it on the same sentences: the hold-out itself grows, and its scores at two times say little.
 */
export function lastGain(history: readonly HistoryEntry[]): { points: number; tokens: number } | undefined {
  const accepted = history.filter((entry) => entry.accepted);
  const steps = accepted.filter(({ holdout }, i) => i > 0 && holdout?.old !== undefined).slice(-STOP_WINDOW);
  const [first, last] = [steps[0], steps.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  const points = steps.reduce((sum, { holdout }) => sum + holdout!.new.score - holdout!.old!.score, 0);
  return { points, tokens: last.counts.tokens - accepted[accepted.indexOf(first) - 1]!.counts.tokens };
}

/** What learning the new language cost on the source language. */
export interface Forgetting {
  /** Score at first. */
  readonly before: number;
  readonly now: number;
  /** The first score is that of the model from which the first retraining started; false: there was none yet. */
  readonly hadModel: boolean;
}

export function forgettingOf(
  history: readonly HistoryEntry[],
  current: HistoryEntry | undefined,
): Forgetting | undefined {
  const first = history.find(({ source }) => source !== undefined)?.source;
  const last = history.findLast(({ accepted, source }) => accepted && source !== undefined)?.source;
  const now = (current?.source ?? last)?.new;
  if (first === undefined || now === undefined) return undefined;
  return { before: first.old ?? first.new, now, hadModel: first.old !== undefined };
}
