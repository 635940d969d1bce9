import type { DatasetInfo, Sample } from '@trainyard/types';
import { columnName, toOwnUnits } from '../../state/columns';
import { useData } from '../../state/data';
import { Empty } from '../../ui/States';
import { Picture } from '../../ui/Picture';

/** A sample is a picture when it has two sides and one or three channels. */
export function pictureSize(shape: readonly number[]): { width: number; height: number; channels: number } | null {
  const [height, width, channels = 1] = shape;
  if (height === undefined || width === undefined || shape.length > 3) return null;
  return channels === 1 || channels === 3 ? { width, height, channels } : null;
}

export const labelOf = (info: DatasetInfo, label: number): string =>
  info.labels[label] ?? String(Number(label.toFixed(3)));

function Table({ info, samples }: { info: DatasetInfo; samples: readonly Sample[] }) {
  const columns =
    info.features.length > 0 ? info.features : Array.from({ length: info.input_shape[0] ?? 0 }, (_, i) => `x${i}`);
  return (
    <div className="table-scroll">
      <table className="table">
        <thead>
          <tr>
            {columns.map((name) => (
              <th key={name} scope="col">
                {columnName(name)}
              </th>
            ))}
            <th scope="col">Label</th>
          </tr>
        </thead>
        <tbody>
          {samples
            .slice(0, 20)
            .map((sample) => ({ ...sample, own: toOwnUnits(info, sample.input) }))
            .map((sample) => (
              <tr key={sample.index}>
                {columns.map((name, column) => (
                  <td key={name}>{(sample.own[column] ?? 0).toFixed(2)}</td>
                ))}
                <td>{labelOf(info, sample.label)}</td>
              </tr>
            ))}
        </tbody>
      </table>
    </div>
  );
}

export function SampleGrid({ info }: { info: DatasetInfo }) {
  const samples = useData((state) => state.samples);
  const size = pictureSize(info.input_shape);
  return (
    <section className="card" aria-labelledby="samples-title">
      <h2 id="samples-title">{size ? 'Pictures' : 'Rows'}</h2>
      <p className="muted small">
        {size ? 'The first of the training set, as the network sees them' : 'The first rows of the training set'}
      </p>
      {samples.length === 0 ? <Empty icon="image">There is no sample to show.</Empty> : null}
      {size ? (
        <ul className="samples">
          {samples.map((sample) => (
            <li key={sample.index}>
              <Picture values={sample.input} {...size} label={`Picture of ${labelOf(info, sample.label)}`} />
              <span>{labelOf(info, sample.label)}</span>
            </li>
          ))}
        </ul>
      ) : samples.length > 0 ? (
        <Table info={info} samples={samples} />
      ) : null}
    </section>
  );
}
