/** Which data there are to choose from, and which were chosen last in this browser. */
import type { Json } from '@trainyard/types';

/** What the project remembers; files the user picked cannot be opened again by themselves after a reload. */
export type DataChoice = 'mnist' | 'digits' | 'iris' | 'sentences' | 'csv' | 'idx' | 'pictures';
export const dataChoices: readonly DataChoice[] = ['mnist', 'digits', 'iris', 'sentences', 'csv', 'idx', 'pictures'];

/** Files that the user picked. */
export const isOwn = (choice: DataChoice | null): boolean =>
  choice === 'csv' || choice === 'idx' || choice === 'pictures';

export function asDataChoice(value: Json | undefined): DataChoice | null {
  return dataChoices.find((choice) => choice === value) ?? null;
}

const key = 'trainyard.data';

/** What was loaded last, known at once, where the project has yet to be read; null on a first visit. */
export function lastChoice(): DataChoice | null {
  try {
    return asDataChoice(localStorage.getItem(key) ?? undefined);
  } catch {
    return null;
  }
}

export function keepLastChoice(choice: DataChoice): void {
  try {
    localStorage.setItem(key, choice);
  } catch {
    // Then the next visit may begin to fetch in vain.
  }
}
