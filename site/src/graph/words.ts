/** The engine's messages as sentences. */
import type { Diagnostic } from '@trainyard/types';

/** With a full stop, unless it ends in a mark of its own. */
export function sentence(text: string): string {
  const trimmed = text.trim();
  return trimmed === '' || /[.!?…]$/.test(trimmed) ? trimmed : `${trimmed}.`;
}

/** With a capital letter too, unless it begins with a name of code. */
const capital = (text: string): string =>
  /^[a-z]+[ ,]/.test(text) ? text.charAt(0).toUpperCase() + text.slice(1) : text;

/** What is wrong, and what to do about it. */
export function problemText(problem: Pick<Diagnostic, 'message' | 'fix'>): string {
  return [capital(sentence(problem.message)), capital(sentence(problem.fix))].filter((part) => part !== '').join(' ');
}

/** The first lines of a long message, and how many more there are. */
export function firstLines(text: string, most: number): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const more = lines.length - most;
  return more <= 0 ? lines.join('\n') : `${lines.slice(0, most).join('\n')}\n… and ${more} more.`;
}

/** A decimal comma as a point: the number pads of many phones offer nothing else. */
export const withPoint = (text: string): string => (/^[^.,]*,[^.,]*$/.test(text) ? text.replace(',', '.') : text);
