// Learning curves as one SVG a corpus: mean over the seeds, and the band of one standard deviation.
import { lastTokens, statisticsAt } from './runs.mjs';

/** Colours that colour-blind readers tell apart (Okabe and Ito), and dashes for those who print in grey. */
const STYLES = {
  'random sentence': { colour: '#666666', dash: '6 4' },
  'mixed span': { colour: '#0072b2', dash: '' },
  'mixed token': { colour: '#009e73', dash: '8 3 2 3' },
  'mixed sentence': { colour: '#d55e00', dash: '' },
  'mnlp sentence': { colour: '#cc79a7', dash: '2 3' },
};
const [WIDTH, HEIGHT] = [680, 400];
const PLOT = { left: 52, top: 36, right: 548, bottom: 348 };

const escaped = (text) => text.replace(/[&<>]/g, (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[sign]);

/** @param groups runs by `strategy unit`; @param full F1 with all labels, if it is known */
export function curves(title, groups, full) {
  const shown = [...groups].filter(([name]) => STYLES[name]);
  const most = Math.max(...shown.map(([, runs]) => lastTokens(runs)));
  const scores = shown.flatMap(([, runs]) => runs.flatMap(({ points }) => points.slice(1).map(({ score }) => score)));
  const low = Math.floor((Math.min(...scores) - 1) / 10) * 10;
  const high = Math.ceil((Math.max(...scores, full ?? 0) + 1) / 10) * 10;
  const x = (tokens) => PLOT.left + (tokens / most) * (PLOT.right - PLOT.left);
  const y = (score) => PLOT.bottom - ((Math.max(low, score) - low) / (high - low)) * (PLOT.bottom - PLOT.top);
  const at = (tokens, score) => `${x(tokens).toFixed(1)},${y(score).toFixed(1)}`;
  const parts = [];
  for (let score = low; score <= high; score += 10) {
    parts.push(`<path d="M${PLOT.left} ${y(score)}H${PLOT.right}" stroke="#e4e4e4"/>`);
    parts.push(`<text x="${PLOT.left - 8}" y="${y(score) + 4}" text-anchor="end">${score}</text>`);
  }
  for (let tokens = 0; tokens <= most; tokens += 5000) {
    const label = tokens.toLocaleString('en');
    parts.push(`<text x="${x(tokens)}" y="${PLOT.bottom + 18}" text-anchor="middle">${label}</text>`);
  }
  if (full !== undefined) {
    parts.push(`<path d="M${PLOT.left} ${y(full)}H${PLOT.right}" stroke="#999" stroke-dasharray="1 3"/>`);
    parts.push(`<text x="${PLOT.left + 6}" y="${y(full) - 5}" fill="#666">all labels: ${full.toFixed(1)}</text>`);
  }
  const ends = [];
  for (const [name, runs] of shown) {
    const { colour, dash } = STYLES[name];
    const grid = tokensOf(runs).map((tokens) => ({ tokens, ...statisticsAt(runs, tokens) }));
    const upper = grid.map(({ tokens, mean, deviation }) => at(tokens, mean + deviation));
    const lower = grid.map(({ tokens, mean, deviation }) => at(tokens, mean - deviation)).reverse();
    parts.push(`<polygon points="${[...upper, ...lower].join(' ')}" fill="${colour}" fill-opacity="0.13"/>`);
    const line = grid.map(({ tokens, mean }) => at(tokens, mean)).join(' ');
    const dashes = dash === '' ? '' : ` stroke-dasharray="${dash}"`;
    parts.push(`<polyline points="${line}" fill="none" stroke="${colour}" stroke-width="2"${dashes}/>`);
    ends.push({ name, colour, y: y(grid.at(-1).mean), mean: grid.at(-1).mean });
  }
  ends.sort((a, b) => a.y - b.y);
  for (const [i, end] of ends.entries()) {
    if (i > 0) end.y = Math.max(end.y, ends[i - 1].y + 16);
    const text = `${end.name.replace(/^random sentence$/, 'random')}, ${end.mean.toFixed(1)}`;
    parts.push(
      `<text x="${PLOT.right + 8}" y="${(end.y + 4).toFixed(1)}" fill="${end.colour}">${escaped(text)}</text>`,
    );
  }
  const middle = (PLOT.top + PLOT.bottom) / 2;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img"`,
    ` font-family="system-ui, sans-serif" font-size="12" fill="#333" aria-label="${escaped(title)}">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    `<text x="${PLOT.left}" y="20" font-size="14" font-weight="600">${escaped(title)}</text>`,
    ...parts,
    `<text x="${(PLOT.left + PLOT.right) / 2}" y="${HEIGHT - 12}" text-anchor="middle">tokens that a person has labelled</text>`,
    `<text transform="translate(14 ${middle}) rotate(-90)" text-anchor="middle">F1 on the test set</text>`,
    '</svg>',
    '',
  ].join('\n');
}

/** Where the first run has its rounds, as far as all runs reach. */
function tokensOf(runs) {
  const last = lastTokens(runs);
  const inside = runs[0].points.map(({ tokens }) => tokens).filter((tokens) => tokens > 0 && tokens < last);
  const first = Math.max(...runs.map(({ points }) => points[0].tokens));
  const start = runs.every(({ points }) => points[0].score > 0) ? [first] : [];
  return [...start, ...inside, last];
}
