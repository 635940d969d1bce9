import { useRef } from 'react';
import { openModel, saveKerasJson, saveModelFile } from '../../engine/files';
import { useEngine } from '../../engine/session';
import { isWhole } from '../../graph/reports';
import { formatCount, formatShape } from '../../graph/summary';
import { useProject } from '../../state/project';
import { isBusy, useTraining } from '../../state/training';
import { Icon } from '../../ui/Icon';
import { Empty } from '../../ui/States';
import { TableScroll } from '../../ui/TableScroll';

function OpenCard() {
  const input = useRef<HTMLInputElement>(null);
  const busy = useTraining((state) => isBusy(state.phase));
  return (
    <section className="card stack" aria-labelledby="open-title">
      <h2 id="open-title">Open</h2>
      <p className="muted">
        A saved model (.safetensors) or a Keras model as JSON. You can also drop the file anywhere on the page. What is
        drawn now comes back with Undo.
      </p>
      <div className="row">
        <button type="button" className="button" disabled={busy} onClick={() => input.current?.click()}>
          <Icon name="open" /> Open a model
        </button>
      </div>
      <input
        ref={input}
        type="file"
        className="hidden-label"
        tabIndex={-1}
        aria-label="Choose a model file"
        // Phones know no ending of ours: for them the kinds let the file be chosen.
        accept=".safetensors,.json,application/octet-stream,application/json"
        onChange={(event) => {
          const [file] = [...(event.target.files ?? [])];
          event.target.value = '';
          if (file) void openModel(file);
        }}
      />
    </section>
  );
}

function SaveCards() {
  const ok = useEngine((state) => isWhole(state.diagnosis));
  const busy = useTraining((state) => isBusy(state.phase));
  const empty = useProject((state) => Object.keys(state.doc.nodes).length === 0);
  return (
    <>
      <section className="card stack" aria-labelledby="save-title">
        <h2 id="save-title">Save the model</h2>
        <p className="muted">
          Everything in one file: the network, its weights, the optimizer's state and the labels. Opens here, and in the
          command line tool.
        </p>
        <div className="row">
          <button type="button" className="button primary" disabled={!ok || busy} onClick={() => void saveModelFile()}>
            <Icon name="download" /> Save .safetensors
          </button>
        </div>
        {busy ? (
          <p className="muted small">Stop the training first.</p>
        ) : ok ? null : (
          <p className="muted small">
            {empty ? 'There is no network yet.' : 'The network has mistakes; mend them first.'}
          </p>
        )}
      </section>
      <section className="card stack" aria-labelledby="keras-title">
        <h2 id="keras-title">Keras JSON</h2>
        <p className="muted">
          The network without its weights, for Keras's <code>model_from_json</code>.
        </p>
        <div className="row">
          <button type="button" className="button" disabled={!ok} onClick={() => void saveKerasJson()}>
            <Icon name="download" /> Save Keras JSON
          </button>
        </div>
      </section>
    </>
  );
}

function Summary() {
  const diagnosis = useEngine((state) => state.diagnosis);
  const layers = diagnosis?.layers ?? [];
  return (
    <section className="card" aria-labelledby="summary-title">
      <h2 id="summary-title">Summary</h2>
      {layers.length === 0 ? (
        <Empty icon="build">The layers will be listed here.</Empty>
      ) : (
        <TableScroll label="Summary of the layers">
          <table className="table">
            <thead>
              <tr>
                <th scope="col">Layer</th>
                <th scope="col">Class</th>
                <th scope="col">Output shape</th>
                <th scope="col" className="number">
                  Parameters
                </th>
                <th scope="col" className="number">
                  Multiply-adds
                </th>
              </tr>
            </thead>
            <tbody>
              {layers.map((layer) => (
                <tr key={layer.id}>
                  <th scope="row">{layer.name}</th>
                  <td>{layer.class_name}</td>
                  <td>{layer.output_shapes.map(formatShape).join('; ') || '–'}</td>
                  <td className="number">{layer.params.toLocaleString('en')}</td>
                  <td className="number">{formatCount(layer.macs)}</td>
                </tr>
              ))}
            </tbody>
            <tfoot>
              <tr>
                <th scope="row" colSpan={3}>
                  Total ({(diagnosis?.totals.trainable_params ?? 0).toLocaleString('en')} trainable)
                </th>
                <td className="number">{(diagnosis?.totals.params ?? 0).toLocaleString('en')}</td>
                <td className="number">{formatCount(diagnosis?.totals.macs ?? 0)}</td>
              </tr>
            </tfoot>
          </table>
        </TableScroll>
      )}
    </section>
  );
}

export default function ExportPlace() {
  return (
    <div className="page">
      <h1>Export</h1>
      <div className="cards">
        <SaveCards />
        <OpenCard />
      </div>
      <Summary />
    </div>
  );
}
