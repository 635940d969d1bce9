/** Some systems name a language that is none (`C`), on which everything that formats numbers by it would stop. */
export function mendLanguage(owner: { language: string } = navigator): void {
  try {
    Intl.getCanonicalLocales(owner.language); // a formatter would tell as well, after thirty milliseconds
  } catch {
    Object.defineProperty(owner, 'language', { value: 'en', configurable: true });
  }
}
