import { expect, it } from 'vitest';
import { mendLanguage } from '../../src/ui/language';

it('puts English in the place of a language that is none, and leaves others', () => {
  const strange = { language: 'C' };
  mendLanguage(strange);
  expect(strange.language).toBe('en');
  const german = { language: 'de-DE' };
  mendLanguage(german);
  expect(german.language).toBe('de-DE');
});
