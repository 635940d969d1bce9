// What a result needs beside its figures (machine, commit, date), and its way into bench/results.
import { execFileSync } from 'node:child_process';
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { arch, cpus, loadavg, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../', import.meta.url));

function git(...args) {
  try {
    return execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return '';
  }
}

/** The vector instructions that matter for the figures, as far as Linux tells. */
function vectors() {
  try {
    const flags = /^(?:flags|Features)\s*:(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1]?.split(' ') ?? [];
    return ['avx2', 'fma', 'avx512f', 'asimd'].filter((name) => flags.includes(name));
  } catch {
    return [];
  }
}

/** Date, commit and machine. `load` tells whether the machine was quiet when the run began. */
export function circumstances() {
  const cores = cpus();
  return {
    date: new Date().toISOString(),
    commit: git('rev-parse', '--short=12', 'HEAD') || 'unknown',
    uncommitted: git('status', '--porcelain', '--untracked-files=no') !== '',
    machine: {
      cpu: cores[0]?.model ?? 'unknown',
      cores: cores.length,
      vectors: vectors(),
      memory_gb: Math.round(totalmem() / 2 ** 30),
      system: `Linux ${release()} ${arch()}`,
      load: Number(loadavg()[0].toFixed(2)),
    },
  };
}

/** Writes `bench/results/<date>-<kind>.json` whole or not at all; answers its path. */
export function writeResult(result) {
  const folder = join(root, 'bench/results');
  mkdirSync(folder, { recursive: true });
  const name = `${result.date.slice(0, 16).replace(/[-:]/g, '').replace('T', '-')}-${result.kind}.json`;
  const path = join(folder, name);
  const file = openSync(`${path}.part`, 'w');
  writeSync(file, `${JSON.stringify(result, null, 2)}\n`);
  fsyncSync(file);
  closeSync(file);
  renameSync(`${path}.part`, path);
  return path;
}

const figure = (value) => (value >= 100 ? Math.round(value).toLocaleString('en') : value.toPrecision(3));

/** A table as text: one line for each net and task, ours first and then each peer with ours as a multiple of it. */
export function ratioTable({ contenders, rows }) {
  const [ours, ...peers] = contenders.map(({ name }) => name);
  const find = (name, row) => rows.find((r) => r.contender === name && r.net === row.net && r.task === row.task);
  const body = rows
    .filter((row) => row.contender === ours)
    .map((row) => [
      row.net,
      row.task,
      row.median === null ? (row.cannot ?? '–') : figure(row.median),
      ...peers.flatMap((name) => {
        const other = find(name, row);
        if (!other || other.median === null) return [other?.cannot ? `cannot (${other.cannot})` : '–', '–'];
        return [figure(other.median), row.median === null ? '–' : `${(row.median / other.median).toFixed(2)} x`];
      }),
    ]);
  return [['net', 'task', ours, ...peers.flatMap((name) => [name, 'ratio'])], ...body];
}

export function textTable(lines) {
  const widths = lines[0].map((_, i) => Math.max(...lines.map((line) => line[i].length)));
  return lines
    .map((line) => line.map((cell, i) => (i < 2 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join('  '))
    .join('\n');
}
