/** The look of a chart on uPlot: axis titles, direct labels, the best epoch, colours from the tokens. */
import uPlot from 'uplot';
import { apart, lastValue, within, type ChartColumns, type ChartKind } from './chartData';

export interface PlotText {
  title: string;
  unit: string;
  format: (value: number) => string;
}

export const texts: Record<ChartKind, PlotText> = {
  loss: { title: 'Loss', unit: 'loss', format: (value) => value.toPrecision(3) },
  accuracy: { title: 'Accuracy', unit: 'accuracy (%)', format: (value) => `${value.toFixed(1)} %` },
};

const token = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const font = (size: number) => `${size}px ${token('--font')}`;

interface Extras {
  best: () => number | null;
}

function drawBest(plot: uPlot, kind: ChartKind, best: number | null): void {
  if (best === null) return;
  const { ctx, bbox } = plot;
  const x = plot.valToPos(best, 'x', true);
  if (x < bbox.left || x > bbox.left + bbox.width + 1) return;
  ctx.save();
  ctx.strokeStyle = token('--line-strong');
  ctx.fillStyle = token('--muted');
  ctx.setLineDash([2 * devicePixelRatio, 4 * devicePixelRatio]);
  ctx.lineWidth = devicePixelRatio;
  ctx.beginPath();
  ctx.moveTo(x, bbox.top);
  ctx.lineTo(x, bbox.top + bbox.height);
  ctx.stroke();
  ctx.font = font(11 * devicePixelRatio);
  ctx.textAlign = x > bbox.left + bbox.width / 2 ? 'right' : 'left';
  ctx.textBaseline = kind === 'loss' ? 'top' : 'bottom';
  ctx.fillText(
    ' best epoch ',
    x,
    kind === 'loss' ? bbox.top + 4 * devicePixelRatio : bbox.top + bbox.height - 4 * devicePixelRatio,
  );
  ctx.restore();
}

/** “train” and “validation” stand at the ends of their lines. */
function drawLabels(plot: uPlot): void {
  const [xs, train, validation] = plot.data as unknown as ChartColumns;
  const { ctx, bbox } = plot;
  const place = (values: (number | null)[]) => {
    const last = lastValue(xs, values);
    return last ? plot.valToPos(last.y, 'y', true) : null;
  };
  const trainY = place(train);
  const validationY = place(validation);
  const [a, b] =
    trainY !== null && validationY !== null
      ? within(apart(trainY, validationY, 15 * devicePixelRatio), bbox.top, bbox.top + bbox.height)
      : [trainY, validationY];
  ctx.save();
  ctx.font = font(12 * devicePixelRatio);
  ctx.textBaseline = 'middle';
  ctx.textAlign = 'left';
  const x = bbox.left + bbox.width + 6 * devicePixelRatio;
  if (a !== null) {
    ctx.fillStyle = token('--chart-train');
    ctx.fillText('train', x, a);
  }
  if (b !== null) {
    ctx.fillStyle = token('--chart-validation');
    ctx.fillText('validation', x, b);
  }
  ctx.restore();
}

export function plotOptions(
  kind: ChartKind,
  width: number,
  height: number,
  extras: Extras,
  onCursor: (index: number | null) => void,
): uPlot.Options {
  const { unit } = texts[kind];
  const axis = {
    stroke: token('--muted'),
    font: font(12),
    labelFont: font(12),
    grid: { stroke: token('--chart-grid'), width: 1 },
    ticks: { show: false },
    // As all other numbers of the page, whatever the browser's language.
    values: (_plot: uPlot, marks: number[]) => marks.map((mark) => mark.toLocaleString('en')),
  };
  const line = { width: 2, spanGaps: true, points: { show: false } };
  return {
    width,
    height,
    padding: [12, 72, 0, 0],
    legend: { show: false },
    cursor: { y: false, points: { size: 7 }, drag: { x: false, y: false } },
    scales: {
      x: { time: false, range: (plot) => [0, Math.max(1, Math.ceil(plot.data[0].at(-1) ?? 1))] },
      y: { range: (_plot, low, high) => yRange(kind, low, high) },
    },
    axes: [
      { ...axis, label: 'epoch', labelSize: 18, size: 30 },
      { ...axis, label: unit, labelSize: 18, size: roomFor },
    ],
    series: [
      {},
      // A line of one point, as after a first epoch that was kept, would show nothing.
      { ...line, stroke: token('--chart-train'), points: { show: isSingle, size: 5, fill: token('--chart-train') } },
      {
        ...line,
        stroke: token('--chart-validation'),
        dash: [6, 5],
        points: { show: areFew, size: 5, fill: token('--chart-validation') },
      },
    ],
    hooks: {
      draw: [(plot) => drawBest(plot, kind, extras.best()), drawLabels],
      setCursor: [(plot) => onCursor(plot.cursor.idx ?? null)],
    },
  };
}

/** As wide as the longest of its numbers: a loss may have six digits. */
const roomFor = (_plot: uPlot, marks: string[] | null): number =>
  Math.max(46, 14 + 7 * Math.max(0, ...(marks ?? []).map((mark) => mark.length)));

/** Dots that touch each other are a band. */
const mostDots = 60;
const areFew = (plot: uPlot, series: number): boolean =>
  (plot.data[series] ?? []).filter((value) => value !== null && value !== undefined).length <= mostDots;

const isSingle = (plot: uPlot, series: number): boolean =>
  (plot.data[series] ?? []).filter((value) => value !== null && value !== undefined).length === 1;

function yRange(kind: ChartKind, low: number | null, high: number | null): [number, number] {
  if (low === null || high === null) return kind === 'accuracy' ? [0, 100] : [0, 1];
  const pad = Math.max((high - low) * 0.08, kind === 'accuracy' ? 0.5 : 0.01);
  return kind === 'accuracy'
    ? [Math.max(0, low - pad), Math.min(101, high + pad)]
    : [Math.max(0, low - pad), high + pad];
}

/** The chart as a picture on the page's own background. */
export function chartPng(plot: uPlot, title: string): Promise<Blob | null> {
  const source = plot.ctx.canvas;
  const head = Math.round(28 * devicePixelRatio);
  const canvas = document.createElement('canvas');
  canvas.width = source.width;
  canvas.height = source.height + head;
  const context = canvas.getContext('2d');
  if (!context) return Promise.resolve(null);
  context.fillStyle = token('--surface');
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.fillStyle = token('--text');
  context.font = `600 ${font(14 * devicePixelRatio)}`;
  context.textBaseline = 'middle';
  context.fillText(title, 10 * devicePixelRatio, head / 2);
  context.drawImage(source, 0, head);
  return new Promise((resolve) => canvas.toBlob(resolve, 'image/png'));
}
