// The dashboard as HTML: what it says, that all of it can be reached and read aloud, and that names stay names.
import { describe, expect, it } from 'vitest';
import { agreementCurve, learningCurve, sourceCurve } from '../../../server/features/dashboard/curves.ts';
import { dashboardBody, dashboardPage } from '../../../server/features/dashboard/index.ts';
import { data, history, retraining } from './dashboard-data.ts';

const text = (html: string) =>
  html
    .replace(/<script.*?<\/script>/gs, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ');

describe('the dashboard', () => {
  const body = dashboardBody(data());

  it('begins with how far the work is and what waits', () => {
    const said = text(body);
    expect(said).toContain('Sentences reviewed 312 of 2,000 (15.6%)');
    expect(said).toContain('Tokens decided 7,010 of 41,000 (17.1%)');
    expect(said).toContain('Held-out sentences labelled 64 of 201 (31.8%)');
    expect(said).toContain('Model in use ner/5');
    expect(said).toContain('Hold-out, F1, % 71.8');
    expect(said).toContain('Last session, an hour 200 labels, 90 sentences ( ሙሉ )');
    expect(said).toContain('Corrections not learnt yet 37 of 100 that make it train');
    expect(said).toContain('People disagree in 2 sentences');
  });

  it('says whether more labels pay', () => {
    expect(text(body)).toContain(
      'More labels still pay. The last 3 models agree with those before them to 0.940 (kappa) on average, below the threshold of 0.96. Over the last 5,600 labelled tokens the score on the hold-out rose by 6.0 points.',
    );
    const flat = history.map((entry) => ({ ...entry, holdout: { old: entry.holdout!.new, new: entry.holdout!.new } }));
    expect(text(dashboardBody({ ...data(), history: flat }))).toContain('the score on the hold-out stayed as it was.');
    expect(text(dashboardBody({ ...data(), threshold: 0.94 }))).toContain(
      'More labels hardly pay. The last 3 models agree with those before them to 0.940 (kappa) on average; the threshold is 0.94.',
    );
    expect(text(dashboardBody({ ...data(), history: history.slice(0, 2) }))).toContain(
      'Whether more labels pay is known after 1 more retraining:',
    );
  });

  it('draws the models that were taken as a line, those that were rejected as points', () => {
    expect(learningCurve(history)).toMatchObject({
      at: [800, 1900, 3100, 4200, 6400],
      series: [
        { name: 'accepted models', values: [52.25, 60, null, 67.5, 71.75] },
        { name: 'rejected models', scattered: true, values: [null, null, 58.5, null, null] },
      ],
    });
    // Labels that were taken back: the curve goes to the right all the same.
    expect(learningCurve([...history, retraining(6, 4000, 70)])!.at).toEqual([800, 1900, 3100, 4000, 4200, 6400]);
    expect(learningCurve(history.slice(0, 1))!.series).toHaveLength(1);
    expect(agreementCurve(history, 0.99)!.series[1]!.values).toEqual([0.99, 0.99, 0.99, 0.99, 0.99]);
    expect(sourceCurve(history)!.series[0]!.values).toEqual([84, 83.9, 83.7, 83.6].map((x) => expect.closeTo(x)));
  });

  it('says in words what a curve shows', () => {
    expect(text(body)).toContain(
      'accepted models from 52.25 to 71.75; rejected models 58.5; over 6,400 labelled tokens.',
    );
    expect(text(body)).toContain('agreement from 0.91 to 0.95; threshold 0.96; over 6,400 labelled tokens.');
  });

  it('says what forgetting cost', () => {
    expect(text(body)).toContain(
      'Forgetting cost 0.5 points on the source language: 84.1 before the first retraining, 83.6 now.',
    );
    const scratch = [{ ...history[0]!, source: { new: 84 } }, history[1]!];
    expect(text(dashboardBody({ ...data(), model: 'ner/2', history: scratch }))).toContain(
      'Forgetting cost 0.1 points on the source language: 84.0 after the first retraining, 83.9 now.',
    );
    const gained = [{ ...history[0]!, source: { old: 80, new: 82.5 } }];
    expect(text(dashboardBody({ ...data(), model: 'ner/1', history: gained }))).toContain('It gained 2.5 points on');
  });

  it('holds scores by label with their change, and the confusion matrix with its mistakes in words', () => {
    expect(text(body)).toContain('LOC 85.6 84.2 84.9 +0.0 120 118 101');
    expect(text(body)).toContain('all 72.8 70.8 71.8 +2.0 260 253 199');
    expect(text(body)).toContain(
      'Most frequent mistakes: 17 tokens of ድርጅት taken for LOC ; 14 tokens of PER&#60;b&#62; taken for O ; 9 tokens of LOC taken for O .',
    );
    expect(body).toContain('<td class="right shade-5">160</td><td class="wrong shade-1">9</td>');
    expect(body).toContain('<td class="none">0</td>');
  });

  it('tells whose labels there are, and who works how fast', () => {
    expect(text(body)).toContain('LOC 310 20 330');
    expect(text(body)).toContain('all 522 75 597');
    expect(text(body)).toContain('ሙሉ 221 120 112');
    expect(body).toContain('<time datetime="2026-11-15T13:00:00.000Z">2026-11-15 13:00 UTC</time>');
    expect(text(body)).toContain('60 min 200 30 90 200');
    // Forty seconds tell no rate.
    expect(body).toContain('<td>40 s</td><td>3</td><td>0</td><td>1</td><td></td>');
  });

  it('lists the retrainings, the newest first, and the keys', () => {
    const rows = [...body.matchAll(/<tr><th scope="row"><bdi>(ner\/\d)<\/bdi>/g)].map(([, model]) => model);
    expect(rows).toEqual(['ner/5', 'ner/4', 'ner/3', 'ner/2', 'ner/1']);
    expect(text(body)).toContain(
      'rejected 58.5 56.5 3,100 3,000 83.8 0.930 from scratch, 41 s worse on the hold-out in 86% of the draws &#60;&#38;&#62;',
    );
    expect(text(body)).toContain('ner/5 (in use)');
    expect(body).toContain('<kbd>Alt</kbd>+<kbd>0</kbd></th><td class="text"><bdi>A10</bdi>');
    expect(body).toContain('<kbd>Alt</kbd>+<kbd>Shift</kbd>+<kbd>1</kbd></th><td class="text"><bdi>A11</bdi>');
  });

  it('shows names as names, whatever is in them and whichever way they run', () => {
    expect(body).not.toMatch(/<b>|Tsehay <script>/);
    expect(body).toContain('<h1><bdi>amharic &#34;news&#34;</bdi></h1>');
    for (const name of ['مكان', 'ድርጅት', 'ሙሉ']) {
      expect(body.split(name).length, name).toBe(body.split(`<bdi>${name}</bdi>`).length);
    }
  });

  it('can be reached by keyboard and read aloud in all its parts', () => {
    const ids = [...body.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id!);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [, names] of body.matchAll(/aria-(?:labelledby|describedby)="([^"]*)"/g)) expect(ids).toContain(names);
    const tables = body.match(/<table>/g)!.length;
    expect(body.match(/<table><caption>[^<]+<\/caption>/g)).toHaveLength(tables);
    expect(body.match(/tabindex="0" role="region" aria-label="[^"]+"/g)).toHaveLength(tables);
    for (const [, cell] of body.matchAll(/<tr>(<t\w+)/g)) expect(cell).toBe('<th');
    expect([...body.matchAll(/<h(\d)/g)].map(([, level]) => level)).toEqual(['1', '2', '2', '2', '2', '2']);
    expect(body.match(/role="img"/g)).toHaveLength(3);
  });

  it('needs nothing from elsewhere', () => {
    const html = dashboardPage(data(), { script: 'run()', style: 'main{}' });
    expect(html).toContain("default-src 'none'; script-src 'sha256-");
    expect(html).not.toMatch(/https?:|\ssrc=|\shref=|\sstyle=|\son\w+=|@import|url\(/);
  });
});

describe('a dashboard with little to show', () => {
  const empty = {
    ...data(),
    history: [],
    sessions: [],
    keys: [],
    counts: undefined,
    model: undefined,
    schedule: undefined,
  };

  it('says what to do next', () => {
    expect(text(dashboardBody({ ...empty, task: undefined }))).toContain('run “Crosstag: Set Up Project”');
    expect(text(dashboardBody(empty))).toContain('name files or folders as "documents"'.replaceAll('"', '&#34;'));
    const counts = { ...data().counts!, touched: 0, labels: new Map(), annotators: new Map() };
    expect(text(dashboardBody({ ...empty, counts }))).toContain('Nothing is labelled yet: open a document');
    const begun = { ...data(), history: [], model: undefined };
    expect(text(dashboardBody(begun))).toContain(
      'run “Crosstag: Retrain Now”. The schedule does so after 100 corrections.',
    );
    expect(text(dashboardBody(data()))).not.toContain('Crosstag: ');
  });

  it('says what a retraining could not measure', () => {
    const { holdout: _, kappa: __, source: ___, ...bare } = history[0]!;
    const said = text(dashboardBody({ ...data(), history: [bare] }));
    expect(said).toContain('There is no learning curve yet');
    expect(said).toContain('Successive models are compared from the second retraining on.');
    expect(said).toContain('What forgetting costs is not measured');
    expect(said).not.toContain('Scores by label');
  });
});
