import { expect, test } from 'vitest';
import { coveredHeight } from '../../src/ui/keyboard';

const page = 800;

test('a keyboard over the page covers its lower end', () => {
  expect(coveredHeight(page, { height: 464, offsetTop: 0, scale: 1 })).toBe(336);
});

test('what the browser has moved up is covered less', () => {
  expect(coveredHeight(page, { height: 464, offsetTop: 200, scale: 1 })).toBe(136);
});

test.each([
  ['no keyboard', { height: 800, offsetTop: 0, scale: 1 }],
  ['a bar of the browser', { height: 744, offsetTop: 0, scale: 1 }],
  ['a page that is zoomed in', { height: 400, offsetTop: 0, scale: 2 }],
])('%s covers nothing', (_name, view) => {
  expect(coveredHeight(page, view)).toBe(0);
});
