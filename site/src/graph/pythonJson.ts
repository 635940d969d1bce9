/**
 * JSON as Python writes it: with Infinity, -Infinity and NaN bare, which is no JSON. Between reading and writing, the engine and the page
 * have {"class_name": "__float__", "config": {"value": "Infinity"}} in their place.
 */
import type { Json } from '@trainyard/types';

const wordsAndTexts = /"(?:[^"\\]|\\.)*"|(-?)\b(Infinity|NaN)\b/g;
const written = /\{\s*"class_name":\s*"__float__",\s*"config":\s*\{\s*"value":\s*"(-?Infinity|NaN)"\s*\}\s*\}/g;

/** Throws a SyntaxError where the text is neither. */
export function parsePythonJson(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    if (!/\b(?:Infinity|NaN)\b/.test(text)) throw error;
  }
  const strict = text.replace(wordsAndTexts, (all: string, sign?: string, word?: string) =>
    word === undefined ? all : JSON.stringify({ class_name: '__float__', config: { value: (sign ?? '') + word } }),
  );
  return JSON.parse(strict) as Json;
}

/** Within a text every quote has a backslash before it, so what is found is no text. */
export const pythonJson = (value: Json): string => JSON.stringify(value, null, 2).replace(written, '$1');
