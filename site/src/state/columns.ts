/** Columns of a table as people know them and as the network sees them. */
import type { DatasetInfo } from '@trainyard/types';

/** In the data's own units, from what the network sees. */
export function toOwnUnits(info: DatasetInfo, seen: ArrayLike<number>): number[] {
  const { standardization } = info;
  return Array.from(seen, (value, column) =>
    standardization ? value * (standardization.deviation[column] ?? 1) + (standardization.mean[column] ?? 0) : value,
  );
}

/** As the network sees them, from the data's own units. */
export function toSeen(info: DatasetInfo, own: readonly number[]): number[] {
  const { standardization } = info;
  return own.map((value, column) =>
    standardization ? (value - (standardization.mean[column] ?? 0)) / (standardization.deviation[column] ?? 1) : value,
  );
}

/** `sepal_length` as a person writes it. */
export const columnName = (name: string): string => {
  const words = name.replace(/_/g, ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
};

/** A value of one column as the network sees it, in the column's own unit. */
export function inOwnUnit(info: DatasetInfo, column: string, seen: number): number {
  const index = info.features.indexOf(column);
  const { standardization } = info;
  return standardization && index >= 0
    ? seen * (standardization.deviation[index] ?? 1) + (standardization.mean[index] ?? 0)
    : seen;
}

/** Whether a value below zero is likely in a column: what is known of it is its mean and how far the values stray. */
export function mayBeNegative({ standardization }: DatasetInfo, column: number): boolean {
  const mean = standardization?.mean[column];
  const deviation = standardization?.deviation[column];
  return mean === undefined || deviation === undefined || mean - 2 * deviation < 0;
}

/** Whether the last fifth of the rows lacks a class that the others have. */
export function endLacksClasses(labels: readonly number[]): boolean {
  const from = Math.floor(labels.length * 0.8);
  const end = new Set(labels.slice(from));
  return labels.slice(0, from).some((label) => !end.has(label));
}

export interface RowField {
  kind: 'number' | 'choice';
  name: string;
  /** The one column of a number; of a choice a column for each word, which is 1 where the word stands. */
  columns: { name: string; index: number; word: string }[];
}

/** The fields of a row as a person fills them in: `city=Bonn` and `city=Ulm` are one choice. */
export function rowFields(features: readonly string[]): RowField[] {
  const fields: RowField[] = [];
  features.forEach((name, index) => {
    const cut = name.indexOf('=');
    const column = { name, index, word: name.slice(cut + 1) };
    const last = fields[fields.length - 1];
    if (cut <= 0) fields.push({ kind: 'number', name, columns: [column] });
    else if (last?.kind === 'choice' && last.name === name.slice(0, cut)) last.columns.push(column);
    else fields.push({ kind: 'choice', name: name.slice(0, cut), columns: [column] });
  });
  return fields;
}
