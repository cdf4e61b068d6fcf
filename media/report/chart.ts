// One chart of curves over the number of words seen.
import uPlot from 'uplot';

/** As server/features/encoder-curves.ts makes it. */
export interface Chart {
  readonly title: string;
  readonly unit: string;
  readonly logarithmic: boolean;
  readonly words: readonly number[];
  readonly series: readonly {
    readonly name: string;
    readonly colour: number;
    readonly dashed: boolean;
    readonly values: readonly (number | null)[];
  }[];
}

const HEIGHT = 260;
/** Colours in report.css. */
const COLOURS = 6;

const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 });
const exact = new Intl.NumberFormat('en', { maximumSignificantDigits: 4 });
const whole = new Intl.NumberFormat('en');

/** Draws a chart as wide as its element, also when that changes. */
export function draw(element: HTMLElement, chart: Chart): { destroy(): void } {
  const style = getComputedStyle(element);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const axis = {
    stroke: colour('--text'),
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { stroke: colour('--line'), width: 1 },
    font: `12px ${style.fontFamily}`,
  };
  const labels = (_: uPlot, splits: (number | null)[]) =>
    splits.map((split) => (split === null ? '' : compact.format(split)));
  const plot = new uPlot(
    {
      width: element.clientWidth,
      height: HEIGHT,
      scales: { x: { time: false }, y: { distr: chart.logarithmic ? 3 : 1 } },
      axes: [
        { ...axis, values: labels, label: 'words seen', labelFont: axis.font, labelSize: 20 },
        { ...axis, values: labels, size: 60 },
      ],
      // Series 0 is the words.
      legend: { markers: { dash: (_, series) => (chart.series[series - 1]?.dashed ? 'dashed' : 'solid') } },
      series: [
        { label: 'words', value: (_, value) => (value == null ? '' : whole.format(value)) },
        ...chart.series.map(({ name, colour: number, dashed }) => ({
          label: name,
          stroke: colour(`--curve-${number % COLOURS}`),
          width: 1.5,
          ...(dashed && { dash: [6, 4] }),
          spanGaps: true,
          points: { show: chart.words.length < 30, fill: colour('--background') },
          value: (_: uPlot, value: number | null) => (value == null ? '' : exact.format(value)),
        })),
      ],
    },
    [chart.words, ...chart.series.map(({ values }) => values)] as uPlot.AlignedData,
    element,
  );
  const resized = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height: HEIGHT }));
  resized.observe(element);
  return {
    destroy() {
      resized.disconnect();
      plot.destroy();
    },
  };
}
