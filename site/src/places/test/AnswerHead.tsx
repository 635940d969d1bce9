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

/** Of two classes a network may give only the second one's probability. */
export const classProbabilities = (values: ArrayLike<number>, classes: number): ArrayLike<number> =>
  values.length === 1 && classes === 2 ? [1 - (values[0] ?? 0), values[0] ?? 0] : values;

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
