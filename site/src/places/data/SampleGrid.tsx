import { useMemo } from 'react';
import type { DatasetInfo, Sample } from '@trainyard/types';
import { columnName, toOwnUnits } from '../../state/columns';
import { useData } from '../../state/data';
import { Empty } from '../../ui/States';
import { previewOf, type Preview } from '../../state/preview';
import { isText, pictureSize } from '../../state/question';
import { Picture } from '../../ui/Picture';
import { TableScroll } from '../../ui/TableScroll';

/** Up to two decimals, and no minus before a zero. */
const shortNumber = (value: number): string => String(Number(value.toFixed(2)) + 0);

export const labelOf = (info: DatasetInfo, label: number): string =>
  info.labels[label] ?? String(Number(label.toFixed(3)));

function Table({ info, samples }: { info: DatasetInfo; samples: readonly Sample[] }) {
  const columns =
    info.features.length > 0 ? info.features : Array.from({ length: info.input_shape[0] ?? 0 }, (_, i) => `x${i}`);
  return (
    <TableScroll label="First rows">
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
                  <td key={name}>{shortNumber(sample.own[column] ?? 0)}</td>
                ))}
                <td>{labelOf(info, sample.label)}</td>
              </tr>
            ))}
        </tbody>
      </table>
    </TableScroll>
  );
}

/** A table as it stands in its file. */
function FileTable({ preview }: { preview: Preview }) {
  return (
    <TableScroll label="First rows">
      <table className="table text-table">
        <thead>
          <tr>
            {preview.header.map((name, column) => (
              <th key={column} scope="col">
                {columnName(name)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {preview.rows.map((row, index) => (
            <tr key={index}>
              {preview.header.map((_, column) => (
                <td key={column}>{row[column]}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </TableScroll>
  );
}

export function SampleGrid({ info }: { info: DatasetInfo }) {
  const samples = useData((state) => state.samples);
  const request = useData((state) => state.request);
  const preview = useMemo(() => previewOf(request), [request]);
  const size = pictureSize(info.input_shape);
  return (
    <section className="card" aria-labelledby="samples-title">
      <h2 id="samples-title">{size ? 'Pictures' : 'Rows'}</h2>
      <p className="muted small">
        {size
          ? 'The first of the training set, as the network sees them'
          : preview
            ? 'The first rows of the file'
            : 'The first rows of the training set'}
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
      ) : preview ? (
        <FileTable preview={preview} />
      ) : isText(info) ? (
        <Empty icon="image">The file cannot be shown here; the network can read it.</Empty>
      ) : samples.length > 0 ? (
        <Table info={info} samples={samples} />
      ) : null}
    </section>
  );
}
