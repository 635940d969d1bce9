/** How much samples of each class count. */
import type { DatasetInfo } from '@trainyard/types';
import { changeSetting } from '../../state/project';
import type { TrainSettings } from '../../state/fitOptions';
import { TextWidget } from '../../widgets/simple';
import type { Catalog } from '../../graph/catalog';
import { field } from './fitFields';

const weightField = field('weight', 'float', '', { min: 0, default: 1 });

/** Rare classes count more, so that all count alike together; three digits are enough. */
export function balancedWeights(counts: readonly number[]): Record<string, number> {
  const total = counts.reduce((a, b) => a + b, 0);
  const used = counts.filter((count) => count > 0).length;
  const entries = counts.flatMap((count, index): [string, number][] =>
    count > 0 ? [[String(index), Number((total / (used * count)).toPrecision(3))]] : [],
  );
  return Object.fromEntries(entries);
}

export function ClassWeights({
  data,
  settings,
  catalog,
}: {
  data: DatasetInfo;
  settings: TrainSettings;
  catalog: Catalog;
}) {
  const weights = settings.classWeight;
  const changed = Object.values(weights).filter((weight) => weight !== 1).length;
  const set = (next: Record<string, number>, label: string) => changeSetting('train.class_weight', next, label);
  return (
    <details className="fold">
      <summary>
        Class weights <span className="muted">{changed > 0 ? `${changed} changed` : 'all alike'}</span>
      </summary>
      <p className="muted small">How much a sample of each class counts in the loss.</p>
      <ul className="class-weights">
        {data.labels.map((label, index) => (
          <li key={label} className="row-field">
            <label htmlFor={`class-weight-${index}`}>{label}</label>
            <TextWidget
              arg={weightField}
              value={weights[String(index)] ?? 1}
              id={`class-weight-${index}`}
              describedBy=""
              invalid={false}
              catalog={catalog}
              onProblem={() => undefined}
              onChange={(value) =>
                typeof value === 'number'
                  ? set({ ...weights, [String(index)]: value }, `Changed the weight of ${label}`)
                  : undefined
              }
            />
          </li>
        ))}
      </ul>
      <div className="row">
        <button
          type="button"
          className="button"
          onClick={() => set(balancedWeights(data.class_counts), 'Balanced the classes')}
        >
          Balance the classes
        </button>
        <button
          type="button"
          className="button quiet"
          disabled={changed === 0}
          onClick={() => set({}, 'Made all classes count alike')}
        >
          All alike
        </button>
      </div>
    </details>
  );
}
