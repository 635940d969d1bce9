/** How many digits the engine draws, and from which seed: every seed has digits of its own, without limit. */
import type { Json } from '@trainyard/types';

export interface DigitsChoice {
  train: number;
  seed: number;
}

/** Enough to learn from, and drawn at once on a phone too. */
export const digitsDefault: DigitsChoice = { train: 20_000, seed: 1 };
/** What a page has memory for: a digit takes 784 bytes. */
export const mostDigits = 200_000;
export const fewestDigits = 100;
const greatestSeed = 2 ** 32 - 1;

const isWhole = (value: unknown, least: number, most: number): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most;

/** What the project remembers, where it makes sense. */
export function asDigitsChoice(value: Json | undefined): DigitsChoice {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return digitsDefault;
  const { train, seed } = value;
  return {
    train: isWhole(train, fewestDigits, mostDigits) ? train : digitsDefault.train,
    seed: isWhole(seed, 0, greatestSeed) ? seed : digitsDefault.seed,
  };
}

const wholeOf = (text: string): number =>
  /^\d+$/.test(text.replace(/[\s,_]/g, '')) ? Number(text.replace(/[\s,_]/g, '')) : NaN;
const counted = (value: number) => value.toLocaleString('en');

/** Why what was typed will not do; null where it does. */
export function countProblem(text: string): string | null {
  if (isWhole(wholeOf(text), fewestDigits, mostDigits)) return null;
  return `A whole number from ${counted(fewestDigits)} to ${counted(mostDigits)}.`;
}
export function seedProblem(text: string): string | null {
  return isWhole(wholeOf(text), 0, greatestSeed) ? null : `A whole number from 0 to ${counted(greatestSeed)}.`;
}

/** Requires texts without a problem. */
export const digitsFrom = (train: string, seed: string): DigitsChoice => ({
  train: wholeOf(train),
  seed: wholeOf(seed),
});
