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

/** Points by which the score on the hold-out rose from the first to the last of the last retrainings, and for how many tokens. */
export function lastGain(history: readonly HistoryEntry[]): { points: number; tokens: number } | undefined {
  const measured = history.filter(({ accepted, holdout }) => accepted && holdout !== undefined).slice(-STOP_WINDOW - 1);
  const [first, last] = [measured[0], measured.at(-1)];
  if (first === undefined || last === undefined || first === last) return undefined;
  const points = last.holdout!.new.score - first.holdout!.new.score;
  return { points, tokens: last.counts.tokens - first.counts.tokens };
}

/** What learning the new language cost on the source language: its score before the first retraining, and now. */
export function forgettingOf(
  history: readonly HistoryEntry[],
  current: HistoryEntry | undefined,
): { before: number; now: number } | undefined {
  const before = history.find(({ source }) => source !== undefined)?.source;
  const now = (current?.source ?? history.findLast(({ accepted, source }) => accepted && source !== undefined)?.source)
    ?.new;
  if (before === undefined || now === undefined) return undefined;
  return { before: before.old ?? before.new, now };
}
