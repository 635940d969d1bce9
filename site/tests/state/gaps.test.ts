import { expect, test } from 'vitest';
import { firstLines } from '../../src/graph/words';
import { withoutGaps } from '../../src/state/gaps';

const bytesOf = (text: string) => new TextEncoder().encode(text).buffer;
const textOf = (bytes: ArrayBuffer | undefined) => new TextDecoder().decode(bytes);

test('rows that lack a value are left out, and the others keep every mark of theirs', () => {
  const mended = withoutGaps(bytesOf('name;age\n"Li; ""L""";3\nMo;\nAda;NaN\nBo;4,5'));
  expect(mended?.left).toBe(2);
  expect(textOf(mended?.bytes)).toBe('"name","age"\n"Li; ""L""","3"\n"Bo","4,5"');
});

test('a table of nothing but gaps, or a packed one, stays as it is', () => {
  expect(withoutGaps(bytesOf('a,b\n1,\n'))).toBeNull();
  expect(withoutGaps(new Uint8Array([0x1f, 0x8b, 8]).buffer)).toBeNull();
});

test('of a long message the first lines are shown, and how many more there are', () => {
  expect(firstLines('a\nb\nc', 2)).toBe('a\nb\n… and 1 more.');
  expect(firstLines('a\nb', 2)).toBe('a\nb');
});
