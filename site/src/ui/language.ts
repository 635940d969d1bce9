/** Some systems name a language that is none (`C`), on which everything that formats numbers by it would stop. */
export function mendLanguage(owner: { language: string } = navigator): void {
  try {
    new Intl.NumberFormat(owner.language);
  } catch {
    Object.defineProperty(owner, 'language', { value: 'en', configurable: true });
  }
}
