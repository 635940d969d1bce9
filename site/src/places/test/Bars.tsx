/** Probabilities as bars, in the labels' own order; the likeliest stands out. */
import { formatPercent } from '../../graph/summary';

export function Bars({
  labels,
  values,
  label,
}: {
  labels: readonly string[];
  values: ArrayLike<number> | null;
  label: string;
}) {
  const numbers = labels.map((_, index) => values?.[index] ?? 0);
  const best = values ? numbers.indexOf(Math.max(...numbers)) : -1;
  return (
    <ul className={`bars ${values ? '' : 'empty'} ${labels.length > 6 ? 'many' : ''}`.trim()} aria-label={label}>
      {labels.map((name, index) => (
        <li
          key={name}
          className={index === best ? 'best' : ''}
          aria-label={`${name}: ${values ? formatPercent(numbers[index] ?? 0) : 'no answer yet'}`}
        >
          <span className="bars-name">{name}</span>
          <span className="bars-track">
            <span style={{ transform: `scaleX(${Math.min(1, Math.max(0, numbers[index] ?? 0))})` }} />
          </span>
          <span className="bars-figure">{values ? formatPercent(numbers[index] ?? 0, 0) : ''}</span>
        </li>
      ))}
    </ul>
  );
}
