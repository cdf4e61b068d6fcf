// One chart of curves.
import uPlot from 'uplot';
import type { Chart } from '../../server/features/page/chart.ts';

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
    grid: { stroke: colour('--grid'), width: 1 },
    ticks: { stroke: colour('--grid'), width: 1 },
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
        { ...axis, values: labels, label: chart.over, labelFont: axis.font, labelSize: 20 },
        { ...axis, values: labels, size: 60 },
      ],
      // Series 0 is what they are over.
      legend: { markers: { dash: (_, series) => (chart.series[series - 1]?.dashed ? 'dashed' : 'solid') } },
      series: [
        { label: chart.over, value: (_, value) => (value == null ? '' : whole.format(value)) },
        ...chart.series.map(({ name, colour: number, dashed, scattered }) => ({
          label: name,
          stroke: colour(`--curve-${number % COLOURS}`),
          width: 1.5,
          ...(dashed && { dash: [6, 4] }),
          ...(scattered && { paths: () => null }),
          spanGaps: true,
          points: { show: scattered || chart.at.length < 30, size: scattered ? 9 : 5, fill: colour('--background') },
          value: (_: uPlot, value: number | null) => (value == null ? '' : exact.format(value)),
        })),
      ],
    },
    [chart.at, ...chart.series.map(({ values }) => values)] as uPlot.AlignedData,
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
