import { expect, test, vi } from 'vitest';
import { askToStay } from '../../src/storage/stay';

test('the browser is asked once to keep what is stored, and Firefox, which would ask its user, never', () => {
  const persist = vi.fn(() => Promise.resolve(true));
  askToStay('Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0', { persist });
  expect(persist).not.toHaveBeenCalled();
  askToStay('Safari', {});
  for (let i = 0; i < 2; i += 1) askToStay('Safari', { persist });
  expect(persist).toHaveBeenCalledTimes(1);
});
