// The dashboard as HTML: does labelling pay, how good is the model, whose labels are there. The script in media/report
// draws the curves; without it the tables are there.
import { currentOf, type DashboardData } from '../../learning/dashboard.ts';
import { chartData } from '../page/figure.ts';
import { escapeHtml, nameHtml } from '../page/html.ts';
import { standalonePage } from '../page/page.ts';
import { agreementCurve, learningCurve, sourceCurve } from './curves.ts';
import { facts } from './facts.ts';
import { keysSection, labelsSection } from './labels.ts';
import { chartOr, forgettingHtml, retrainingsSection, verdictHtml } from './retrainings.ts';
import { scoresSection } from './scores.ts';

/** Everything inside `<main>`. */
export function dashboardBody(data: DashboardData): string {
  const { history, counts, sessions, threshold, keys, name } = data;
  const current = currentOf(data);
  const curves = [learningCurve(history), agreementCurve(history, threshold), sourceCurve(history)];
  // The script finds a chart by its place among those that there are.
  const charts = curves.filter((chart) => chart !== undefined);
  const [learning, agreement, source] = curves.map((chart) => [chart, charts.indexOf(chart!)] as const);
  return [
    `<h1>${nameHtml(name)}</h1>`,
    next(data),
    history.length === 0 ? '' : verdictHtml(data),
    facts(data),
    history.length === 0
      ? ''
      : `<section aria-labelledby="pays">
<h2 id="pays">Does it pay?</h2>
${chartOr(...learning!, NO_HOLDOUT)}
${chartOr(...agreement!, NO_AGREEMENT)}
${chartOr(...source!, NO_SOURCE)}
${forgettingHtml(history, current)}
</section>`,
    current === undefined ? '' : scoresSection(current),
    labelsSection(counts, sessions),
    retrainingsSection(history, data.model ?? current?.model),
    keysSection(keys),
    chartData(charts),
  ].join('\n');
}

/** A page that needs nothing but itself and lets nothing in. */
export function dashboardPage(data: DashboardData, files: { script: string; style: string }): string {
  return standalonePage({ title: `${data.name}: dashboard`, body: dashboardBody(data) }, files);
}

const NO_HOLDOUT =
  'There is no learning curve yet: no sentence of the hold-out is labelled. They come up in the review view like any others; label on.';
const NO_AGREEMENT = 'Successive models are compared from the second retraining on.';
const NO_SOURCE =
  'What forgetting costs is not measured: crosstag.json names no "dev" file of a language that has "train" files.';

function next(data: DashboardData): string {
  const step = nextStep(data);
  return step === undefined ? '' : `<p class="next">${escapeHtml(step)}</p>`;
}

/** What to do first, where there is little to see yet. */
function nextStep({ task, counts, history, schedule }: DashboardData): string | undefined {
  if (task === undefined) {
    return 'There is no crosstag.json: run “Crosstag: Set Up Project”, which asks for languages and files and writes it.';
  }
  if (counts === undefined || counts.documents === 0) {
    return 'No files are to be labelled: name files or folders as "documents" of a language in crosstag.json.';
  }
  if (counts.all.sentences === 0) return 'The documents hold no sentences: look at "documents" in crosstag.json.';
  if (counts.touched === 0) {
    return 'Nothing is labelled yet: open a document, accept or correct a suggestion, and mark its sentence as reviewed (Alt+M).';
  }
  if (history.length > 0) return undefined;
  const after = schedule === undefined ? '' : ` The schedule does so after ${schedule.after} corrections.`;
  return `The curves begin with the first retraining: run “Crosstag: Retrain Now”.${after}`;
}
