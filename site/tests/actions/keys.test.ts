import { expect, test } from 'vitest';
import { allActions, keyName } from '../../src/actions/keys';

const press = (key: string, more: object = {}) => ({
  key,
  ctrlKey: false,
  metaKey: false,
  shiftKey: false,
  altKey: false,
  ...more,
});

test.each([
  [press('z', { ctrlKey: true }), 'Mod+Z'],
  [press('z', { metaKey: true }), 'Mod+Z'],
  [press('Z', { ctrlKey: true, shiftKey: true }), 'Mod+Shift+Z'],
  [press('?', { shiftKey: true }), '?'],
  [press('/'), '/'],
  [press(' '), 'Space'],
  [press('ArrowUp'), 'ArrowUp'],
  [press('Delete'), 'Delete'],
])('%o is called %s', (event, name) => {
  expect(keyName(event)).toBe(name);
});

test('no two actions share a key or an id', () => {
  const keys = allActions.flatMap((action) => action.keys);
  expect(new Set(keys).size).toBe(keys.length);
  expect(new Set(allActions.map((action) => action.id)).size).toBe(allActions.length);
});

test('every action says what it does', () => {
  for (const action of allActions) expect(action.label(), action.id).not.toBe('');
});
