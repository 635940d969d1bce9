import { expect, test } from 'vitest';
import { countRequests } from '../../src/state/requests';

test('requests to other hosts are told from those for the page’s own files', () => {
  const names = [
    'https://a.test/x.js',
    'https://a.test/mnist/y.gz',
    'https://b.test/beacon',
    'blob:https://a.test/1',
    'data:,x',
  ];
  expect(countRequests(names, 'https://a.test')).toEqual({ own: 2, foreign: 1 });
});
