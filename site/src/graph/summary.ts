/** The words and figures on a node. */
import type { ClassSchema, Json, JsonObject } from '@trainyard/types';
import { referenceName, valueOf } from './catalog';

export function formatShape(shape: readonly (number | null)[] | undefined): string {
  if (!shape) return '';
  const inner = shape.slice(1);
  return inner.length === 0 ? 'one number' : inner.map((size) => size ?? '?').join(' × ');
}

const plain = (value: Json): string => (value === null ? '?' : typeof value === 'object' ? '…' : String(value));

function formatArg(value: Json): string {
  if (value === null || value === false) return '';
  if (Array.isArray(value))
    return value.map((item) => (Array.isArray(item) ? item.map(plain).join('/') : plain(item))).join('×');
  if (typeof value === 'object') return referenceName(value) ?? '';
  return String(value);
}

/** `32 · 3×3 · relu`: the two or three arguments that matter. */
export function summaryLine(item: ClassSchema | undefined, config: JsonObject): string {
  if (!item) return '';
  const parts = (item.summary_args ?? []).flatMap((name) => {
    const arg = item.args.find((candidate) => candidate.name === name);
    if (!arg) return [];
    const value = valueOf(config, arg);
    if (value === true) return [name];
    if ((arg.kind === 'axis' || name === 'axis') && JSON.stringify(value) === JSON.stringify(arg.default)) return [];
    const text = formatArg(value);
    return text === '' || text === 'linear' ? [] : [text];
  });
  return parts.slice(0, 3).join(' · ');
}

const units: readonly [number, string][] = [
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'k'],
];

/** 44426 -> "44.4k"; whole numbers below ten thousand stay as they are. */
export function formatCount(value: number): string {
  if (Math.abs(value) < 10_000) return Math.round(value).toLocaleString('en');
  const [size, unit] = units.find(([limit]) => Math.abs(value) >= limit) ?? [1, ''];
  const scaled = value / size;
  return `${scaled >= 100 ? scaled.toFixed(0) : scaled.toFixed(1)}${unit}`;
}

export function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${Math.round(bytes)} B`;
  if (bytes < 1024 ** 2) return `${(bytes / 1024).toFixed(0)} KB`;
  if (bytes < 1024 ** 3) return `${(bytes / 1024 ** 2).toFixed(bytes < 10 * 1024 ** 2 ? 1 : 0)} MB`;
  return `${(bytes / 1024 ** 3).toFixed(1)} GB`;
}

/** 8 s, 1 min 20 s, 2 h 5 min. */
export function formatSeconds(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds < 0) return '–';
  if (seconds < 1) return `${Math.max(1, Math.round(seconds * 1000))} ms`;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.round((seconds % 3600) / 60)} min`;
}

export function formatPercent(fraction: number, digits = 1): string {
  return `${(fraction * 100).toFixed(digits)} %`;
}

/** A label for an argument name: `kernel_size` -> "Kernel size". */
export function plainName(name: string): string {
  const words = name
    .replace(/_/g, ' ')
    .replace(/\blr\b/, 'learning rate')
    .replace(/\b(mae|mse|mape|msle|auc)\b/gi, (short) => short.toUpperCase());
  return words.charAt(0).toUpperCase() + words.slice(1);
}
