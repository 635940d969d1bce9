/** What went wrong, as one sentence. */
export function errorWords(error: unknown): string {
  const text =
    typeof error === 'object' && error !== null && 'message' in error && typeof error.message === 'string'
      ? error.message
      : String(error);
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
