/**
 * A small table of text that the page writes itself, so that networks that read have something to read: short opinions about a meal, as
 * the word order makes them ("not bad" is praise). The same seed gives the same table.
 */

const things = ['soup', 'bread', 'fish', 'salad', 'coffee', 'service', 'cake', 'rice', 'wine', 'table by the window'];
const praise = ['good', 'lovely', 'fresh', 'excellent', 'warm', 'generous', 'delicious', 'quick'];
const blame = ['bad', 'stale', 'bland', 'awful', 'cold', 'greasy', 'boring', 'slow'];
const stress = ['', 'very ', 'really ', 'rather ', 'always '];
const openings = ['the', 'our', 'their', 'i thought the', 'yesterday the'];
const closings = ['', 'today', 'as ever', 'for the price', 'to be fair', 'and we said so'];

/** Marsaglia's xorshift with 32 bits. */
function numbers(seed: number): (below: number) => number {
  let state = seed >>> 0 || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state % below;
  };
}

export interface Opinion {
  text: string;
  opinion: 'good' | 'bad';
}

export function opinions(count: number, seed: number): Opinion[] {
  const next = numbers(seed);
  const pick = (words: readonly string[]): string => words[next(words.length)] ?? '';
  return Array.from({ length: count }, () => {
    const kind = next(2) === 0;
    const negated = next(3) === 0;
    const word = pick(kind ? praise : blame);
    const verb = negated ? 'was not ' : 'was ';
    const text = `${pick(openings)} ${pick(things)} ${verb}${pick(stress)}${word} ${pick(closings)}`.trim();
    return { text, opinion: kind !== negated ? 'good' : 'bad' };
  });
}

/** As a CSV file: a column of text, and what it says. */
export function sentencesCsv(count = 2400, seed = 1): string {
  const rows = opinions(count, seed).map(({ text, opinion }) => `${text},${opinion}`);
  return ['text,opinion', ...rows].join('\n') + '\n';
}

/** To try a trained network with; none of them need be in the table. */
export const exampleTexts: readonly string[] = [
  'the soup was not bad',
  'our fish was not fresh today',
  'the wine was lovely',
];
