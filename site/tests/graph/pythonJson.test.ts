import { describe, expect, it } from 'vitest';
import { parsePythonJson, pythonJson } from '../../src/graph/pythonJson';

const text =
  '{\n  "mask_value": -Infinity,\n  "list": [\n    Infinity,\n    NaN,\n    1.5\n  ],\n  "NaN": "a, -Infinity, \\"NaN"\n}';

describe('JSON of Python', () => {
  it('is read with its infinities and written as it was', () => {
    const value = parsePythonJson(text);
    expect(value).toMatchObject({
      mask_value: { class_name: '__float__', config: { value: '-Infinity' } },
      NaN: 'a, -Infinity, "NaN',
    });
    expect(pythonJson(value)).toBe(text);
  });

  it('is not taken for anything else', () => {
    expect(parsePythonJson('{"a": [1, "Infinity"]}')).toEqual({ a: [1, 'Infinity'] });
    for (const wrong of ['{"a": Infinityx}', '{"a": NaN', '{a: 1}'])
      expect(() => parsePythonJson(wrong)).toThrow(SyntaxError);
    expect(pythonJson({ a: '{"class_name":"__float__","config":{"value":"NaN"}}' })).toContain('__float__');
  });
});
