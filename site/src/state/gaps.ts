/** Rows of a table that lack a value. The engine refuses them, each with its line; here they can be left out. */
import { csvRows, separatorOf, tableText } from './preview';

/** What the engine too takes for nothing. */
const isGap = (value: string): boolean => /^(na|nan|null|\?)?$/i.test(value);

const written = (row: readonly string[]): string => row.map((value) => `"${value.replace(/"/g, '""')}"`).join(',');

/** The table without such rows, and how many they were; null where it cannot be read here. */
export function withoutGaps(bytes: ArrayBuffer): { bytes: ArrayBuffer; left: number } | null {
  const text = tableText(bytes);
  if (text === null) return null;
  const [header, ...rows] = csvRows(`${text}\n`, separatorOf(text), Infinity);
  const whole = rows.filter((row) => !row.some(isGap));
  if (!header || whole.length === 0) return null;
  const { buffer } = new TextEncoder().encode([header, ...whole].map(written).join('\n'));
  return { bytes: buffer, left: rows.length - whole.length };
}
