/** From rounds to what the page shows and what scripts read. */
import type { EngineInfo } from '@trainyard/types';
import { netNames, type NetName, type Task } from './contender';
import type { Measured } from './rounds';

/** Images a second, medians. */
export interface NetSpeed {
  train: number;
  predict: number;
}

export type BenchResult = Partial<Record<NetName, NetSpeed>> & { threads: number; simd: EngineInfo['simd'] };

const medianOf = (rows: readonly Measured[], net: NetName, task: Task): number =>
  rows.find((row) => row.net === net && row.task === task)?.median ?? 0;

export function asBenchResult(rows: readonly Measured[], info: EngineInfo): BenchResult {
  const measured = netNames.filter((net) => rows.some((row) => row.net === net));
  const speeds = measured.map((net): [NetName, NetSpeed] => [
    net,
    { train: medianOf(rows, net, 'train'), predict: medianOf(rows, net, 'predict') },
  ]);
  return { ...Object.fromEntries(speeds), threads: info.threads, simd: info.simd };
}

export interface Bar {
  net: NetName;
  /** Images a second; null until measured. */
  rate: number | null;
  /** Length of the bar, 0..1: the part of the fastest net's rate. */
  part: number;
  /** Slowest and fastest round. */
  range: [number, number] | null;
}

/** One bar a net. The scale is the task's own: prediction is several times faster than training. */
export function barsOf(rows: readonly Measured[], nets: readonly NetName[], task: Task): Bar[] {
  const found = nets.map((net) => rows.find((row) => row.net === net && row.task === task));
  const most = Math.max(0, ...found.map((row) => row?.median ?? 0));
  return nets.map((net, i) => {
    const row = found[i];
    const rate = row?.median ?? null;
    const rates = row?.rates ?? [];
    return {
      net,
      rate,
      part: rate === null || most === 0 ? 0 : rate / most,
      range: rates.length > 1 ? [Math.min(...rates), Math.max(...rates)] : null,
    };
  });
}

const mnistImages = 60_000;

/** "an epoch of MNIST in 4.2 s" */
export function epochWords(rate: number): string {
  const seconds = mnistImages / rate;
  return `an epoch of MNIST in ${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds).toLocaleString('en')} s`;
}
