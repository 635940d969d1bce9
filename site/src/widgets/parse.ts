/** Text in a field to a value of an argument, and back. A failed reading is a sentence. */
import type { ArgSchema, Json } from '@trainyard/types';
import { withPoint } from '../graph/words';

export type Parsed = { value: Json } | { problem: string };
export const isProblem = (parsed: Parsed): parsed is { problem: string } => 'problem' in parsed;

const integer = /^[+-]?\d+$/;
const decimal = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

function inRange(arg: ArgSchema, value: number): string | null {
  if (arg.min !== undefined && value < arg.min) return `At least ${arg.min}.`;
  if (arg.max !== undefined && value > arg.max) return `At most ${arg.max}.`;
  return null;
}

function parseNumber(arg: ArgSchema, text: string, pattern: RegExp, what: string): Parsed {
  if (!pattern.test(text)) return { problem: `Write ${what}.` };
  const value = Number(text);
  const problem = Number.isFinite(value) ? inRange(arg, value) : `Write ${what}.`;
  return problem === null ? { value } : { problem };
}

/** `3 3`, `3,3`, `3x3`, `3 × 3`, `(3, 3)`: the parts between. */
export function splitList(text: string): string[] {
  return text
    .replace(/[()[\]]/g, ' ')
    .split(/[\s,;x×]+/i)
    .filter((part) => part !== '');
}

function parseIntegers(arg: ArgSchema, text: string, length: number | undefined): Parsed {
  const parts = splitList(text);
  if (parts.length === 0) return { problem: length ? `Write ${length} whole numbers.` : 'Write whole numbers.' };
  const values: number[] = [];
  for (const part of parts) {
    const parsed = parseNumber(arg, part, integer, 'whole numbers');
    if (isProblem(parsed)) return parsed;
    values.push(Number(parsed.value));
  }
  if (length !== undefined && values.length === 1) return { value: Array.from({ length }, () => values[0] ?? 0) };
  if (length !== undefined && values.length !== length) return { problem: `Write one number, or ${length}.` };
  return { value: values };
}

function parseShape(text: string): Parsed {
  const parts = splitList(text);
  const values: Json[] = [];
  for (const part of parts) {
    if (/^(\?|none|null)$/i.test(part)) values.push(null);
    else if (integer.test(part)) values.push(Number(part));
    else return { problem: 'Write sizes, such as 28 × 28 × 1; ? for an unknown one.' };
  }
  return values.length === 0 ? { problem: 'Write at least one size.' } : { value: values };
}

/** `1`; `1, 2`; `1/2, 3/4` (before/after). */
function parsePadding(arg: ArgSchema, text: string): Parsed {
  const length = arg.length ?? 2;
  const values: Json[] = [];
  for (const part of text
    .replace(/[()[\]]/g, ' ')
    .split(/[\s,;]+/)
    .filter((piece) => piece !== '')) {
    const sides = part.split('/');
    if (sides.length > 2 || !sides.every((side) => integer.test(side)))
      return { problem: 'Write 1, or 1, 2, or before/after as 1/2, 3/4.' };
    const [before, after] = sides.map(Number);
    values.push([before ?? 0, after ?? before ?? 0]);
  }
  const [only] = values;
  if (values.length === 1 && only !== undefined) return { value: Array.from({ length }, () => only) };
  return values.length === length ? { value: values } : { problem: `Write one number, or ${length}.` };
}

function parseJson(text: string): Parsed {
  try {
    return { value: JSON.parse(text) as Json };
  } catch {
    return { problem: 'This is not valid JSON.' };
  }
}

/** What a text field holds, as the argument's kind reads it. */
export function parseArg(arg: ArgSchema, raw: string): Parsed {
  const text = raw.trim();
  if (text === '' && arg.nullable) return { value: null };
  switch (arg.kind) {
    case 'int':
      return parseNumber(arg, text, integer, 'a whole number');
    case 'float':
    case 'number_or_schedule':
      return parseNumber(arg, withPoint(text), decimal, 'a number, such as 0.001');
    case 'int_tuple':
      return parseIntegers(arg, text, arg.length ?? 2);
    case 'int_list':
      return parseIntegers(arg, text, undefined);
    case 'axis': {
      const parsed = parseIntegers(arg, text, undefined);
      return 'value' in parsed && Array.isArray(parsed.value) && parsed.value.length === 1
        ? { value: parsed.value[0] ?? -1 }
        : parsed;
    }
    case 'shape':
      return parseShape(text);
    case 'padding':
      return parsePadding(arg, text);
    case 'json':
      return parseJson(text);
    case 'text':
    case 'dtype':
    case 'choice':
    case 'flag':
    case 'reference':
      return { value: raw };
  }
}

const one = (value: Json): string =>
  value === null ? '?' : typeof value === 'object' ? JSON.stringify(value) : String(value);

/** The text a field shows for a value. */
export function formatArg(arg: ArgSchema, value: Json): string {
  if (value === null) return '';
  if (arg.kind === 'json') return JSON.stringify(value, null, 2);
  if (arg.kind === 'padding' && Array.isArray(value)) {
    const parts = value.map((item) =>
      Array.isArray(item) ? (item[0] === item[1] ? one(item[0] ?? 0) : item.map(one).join('/')) : one(item),
    );
    return parts.join(', ');
  }
  if (Array.isArray(value)) return value.map(one).join(arg.kind === 'axis' || arg.kind === 'int_list' ? ', ' : ' × ');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
