// The head of the dashboard: how far the work is, and what waits.
import { currentOf, type DashboardData, type Schedule } from '../../learning/dashboard.ts';
import { whole } from '../numbers.ts';
import { escapeHtml, factsHtml, nameHtml } from '../page/html.ts';
import { scoreName } from './curves.ts';

type Fact = readonly [name: string, html: string];

export function facts(data: DashboardData): string {
  return factsHtml([...progress(data), ...model(data), ...speed(data), ...waiting(data)]);
}

function progress({ counts }: DashboardData): Fact[] {
  if (counts === undefined) return [];
  const { all, reviewed, decided } = counts;
  return [
    ['Sentences reviewed', share(reviewed.sentences, all.sentences)],
    ['Tokens decided', share(decided, all.tokens)],
    ['Held-out sentences labelled', share(counts.heldOut.labelled, counts.heldOut.sentences)],
  ];
}

function model(data: DashboardData): Fact[] {
  const current = currentOf(data);
  const score = current?.holdout?.new.score;
  const name = data.model ?? current?.model;
  return [
    ['Model in use', name === undefined ? 'none yet' : nameHtml(name)],
    ...(score === undefined || current?.model !== name
      ? []
      : [[`Hold-out, ${scoreName(current!.task)}`, score.toFixed(1)] as const]),
  ];
}

function speed({ sessions }: DashboardData): Fact[] {
  const last = sessions.find(({ hourly }) => hourly !== undefined);
  if (last === undefined) return [];
  const { labels, reviewed } = last.hourly!;
  const rates = `${whole(Math.round(labels))} labels, ${whole(Math.round(reviewed))} sentences`;
  return [['Last session, an hour', `${rates} (${nameHtml(last.annotator)})`]];
}

function waiting({ counts, schedule }: DashboardData): Fact[] {
  const conflicts = counts?.conflicts ?? 0;
  return [
    ...(schedule === undefined ? [] : [['Corrections not learnt yet', escapeHtml(scheduleText(schedule))] as const]),
    ...(conflicts === 0 ? [] : [['People disagree in', `${whole(conflicts)} sentences`] as const]),
  ];
}

function scheduleText({ state, corrections, after }: Schedule): string {
  const known = `${whole(corrections)} of ${whole(after)} that make it train`;
  if (state === 'training') return `${known}; it is being trained`;
  if (state === 'paused') return `${known}; paused`;
  return state === 'waiting' ? `${known}; it trains at the next pause` : known;
}

function share(part: number, all: number): string {
  const percent = all === 0 ? '' : ` (${((100 * part) / all).toFixed(part === all || part === 0 ? 0 : 1)}%)`;
  return `${whole(part)} of ${whole(all)}${percent}`;
}
