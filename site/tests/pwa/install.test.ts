import { describe, expect, test } from 'vitest';
import { installWords, keepingWords, safariKind } from '../../src/pwa/install';

const mac = 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)';
const agents = {
  iphone:
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Version/18.5 Mobile Safari/604.1',
  safari: `${mac} AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15`,
  chrome: `${mac} AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36`,
  firefox: 'Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0',
};

describe('Safari is told from the others', () => {
  test.each([
    ['an iPhone', agents.iphone, 5, 'phone'],
    ['an iPad, which says that it is a Mac', agents.safari, 5, 'phone'],
    ['a Mac', agents.safari, 0, 'mac'],
    ['Chrome on a Mac', agents.chrome, 0, null],
    ['Firefox', agents.firefox, 0, null],
  ] as const)('%s', (_name, userAgent, maxTouchPoints, kind) => {
    expect(safariKind({ userAgent, maxTouchPoints })).toBe(kind);
  });
});

test('only Safari deletes, and only from a page that is not installed', () => {
  expect(keepingWords('phone', false)).toContain('Add to Home Screen');
  expect(keepingWords('mac', false)).toContain('Add to Dock');
  expect(keepingWords('phone', true)).toBeNull();
  expect(keepingWords(null, false)).toBeNull();
});

test('where the browser does not ask, words say how it is installed', () => {
  expect(installWords('phone')).toContain('Share');
  expect(installWords(null)).toBeNull();
});
