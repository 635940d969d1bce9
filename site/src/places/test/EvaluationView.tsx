/** Accuracy, where the network errs, and the pictures it errs on. */
import { accuracyOf, furtherLogs } from '../../state/curve';
import { evaluateTestSet } from '../../engine/testing';
import { useData } from '../../state/data';
import { useTest } from '../../state/testing';
import { formatPercent, formatSeconds, plainName } from '../../graph/summary';
import { Picture } from '../../ui/Picture';
import { Empty, Failed, Loading } from '../../ui/States';
import { TableScroll } from '../../ui/TableScroll';
import { labelOf } from '../data/SampleGrid';
import { isText, pictureSize } from '../../state/question';

function Confusion({ matrix, labels }: { matrix: readonly (readonly number[])[]; labels: readonly string[] }) {
  const worst = Math.max(1, ...matrix.flatMap((row, i) => row.filter((_, j) => i !== j)));
  const shade = (count: number, row: number, column: number): React.CSSProperties => {
    if (count === 0) return {};
    const total = matrix[row]?.reduce((a, b) => a + b, 0) ?? 1;
    const strength = row === column ? 0.12 + 0.4 * (count / Math.max(1, total)) : 0.12 + 0.5 * (count / worst);
    return {
      background: `rgb(var(${row === column ? '--heat' : '--heat-wrong'}) / calc(${strength} * var(--heat-most)))`,
    };
  };
  return (
    <TableScroll label="Matrix">
      <table
        className="confusion"
        aria-label="Confusion matrix"
        style={{ '--classes': labels.length } as React.CSSProperties}
      >
        <caption className="muted small">Rows: what it is. Columns: what the network says.</caption>
        <thead>
          <tr>
            <td />
            {labels.map((label) => (
              <th key={label} scope="col">
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {matrix.map((row, i) => (
            <tr key={labels[i] ?? i}>
              <th scope="row">{labels[i] ?? i}</th>
              {row.map((count, j) => (
                <td
                  key={labels[j] ?? j}
                  style={shade(count, i, j)}
                  title={`${labels[i] ?? i} read as ${labels[j] ?? j}: ${count}`}
                >
                  {count === 0 ? '' : count}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </TableScroll>
  );
}

function Mistakes() {
  const info = useData((state) => state.info);
  const mistakes = useTest((state) => state.evaluation.mistakes);
  if (!info) return null;
  const size = pictureSize(info.input_shape);
  if (mistakes.length === 0) return <p className="muted">It made no mistake.</p>;
  return (
    <ul className="mistake-grid" aria-label="Worst mistakes">
      {mistakes.map(({ sample, predicted, probability }) => (
        <li key={sample.index}>
          {size ? (
            <Picture
              values={sample.input}
              {...size}
              label={`A ${labelOf(info, sample.label)} read as ${labelOf(info, predicted)}`}
            />
          ) : null}
          <span>
            {labelOf(info, sample.label)} <span className="muted">read as</span> {labelOf(info, predicted)}
          </span>
          <span className="muted small">{formatPercent(probability, 0)} sure</span>
        </li>
      ))}
    </ul>
  );
}

const mostFurther = 6;

export function EvaluationView() {
  const { phase, result, problem } = useTest((state) => state.evaluation);
  const info = useData((state) => state.info);
  if (phase === 'loading') return <Loading label="Reading the whole test set …" />;
  if (phase === 'failed') {
    return (
      <Failed
        problem={problem ?? 'The test set could not be read.'}
        safe="Your network and its weights are safe."
        action={
          <button type="button" className="button" onClick={() => void evaluateTestSet()}>
            Try again
          </button>
        }
      />
    );
  }
  if (!result || !info)
    return (
      <Empty icon="test">
        Evaluate shows how well the network does on samples it never saw, and which ones it gets wrong.
      </Empty>
    );
  const accuracy = accuracyOf(result.logs);
  const figures: [string, string][] = [
    ...(accuracy === null ? [] : [['Test accuracy', formatPercent(accuracy, 2)] as [string, string]]),
    ['Test loss', (result.logs['loss'] ?? NaN).toFixed(4)],
    ...furtherLogs(result.logs)
      .slice(0, mostFurther)
      .map(([name, value]): [string, string] => [plainName(name), value.toFixed(4)]),
    ['Samples', result.samples.toLocaleString('en')],
    ['Time', formatSeconds(result.seconds)],
  ];
  return (
    <>
      <dl className="figures wide">
        {figures.map(([term, figure]) => (
          <div key={term}>
            <dt>{term}</dt>
            <dd>{figure}</dd>
          </div>
        ))}
      </dl>
      <div className="evaluation">
        {result.confusion.length > 0 ? (
          <section className="card" aria-label="Confusion">
            <h3>What is taken for what</h3>
            <Confusion
              matrix={result.confusion}
              labels={result.confusion.map((_, index) => info.labels[index] ?? String(index))}
            />
          </section>
        ) : null}
        {result.confusion.length > 0 && !isText(info) ? (
          <section className="card" aria-label="Mistakes">
            <h3>Worst mistakes</h3>
            <Mistakes />
          </section>
        ) : null}
      </div>
    </>
  );
}
