/** The likeliest class in large, and how sure the network is of it. */
import type { ReactNode } from 'react';
import { formatPercent } from '../../graph/summary';

const likeliest = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((best, value, index, all) => (value > (all[best] ?? 0) ? index : best), 0);

interface Props {
  labels: readonly string[];
  /** Null while nothing was asked. */
  values: ArrayLike<number> | null;
  children?: ReactNode;
}

/** What a network answers, as a probability for each class: it may give only that of the second of two, or logits. */
export function classProbabilities(values: ArrayLike<number>, classes: number): readonly number[] {
  const [only = 0, ...more] = Array.from(values);
  if (more.length === 0 && classes === 2) return [1 - only, only];
  const all = [only, ...more];
  const sum = all.reduce((a, b) => a + b, 0);
  if (Math.min(...all) >= 0 && Math.abs(sum - 1) < 1e-3) return all;
  const powers = all.map((value) => Math.exp(value - Math.max(...all)));
  const total = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / total);
}

export function AnswerHead({ labels, values, children }: Props) {
  const best = values ? likeliest(values) : -1;
  const sure = values?.[best] ?? 0;
  const word = labels[best] ?? (best < 0 ? '?' : String(best));
  return (
    <div className={word.length > 2 || children === undefined ? 'answer-head words' : 'answer-head'}>
      <p className="answer-figure" role="status" aria-label="Answer">
        {word}
      </p>
      <p className="muted">
        {values
          ? `${sure > 0.9 ? 'Quite sure' : sure > 0.6 ? 'Fairly sure' : 'Not sure'}: ${formatPercent(sure)}`
          : 'The answer will be here.'}
      </p>
      {children}
    </div>
  );
}
