/** What was loaded: how much, how balanced, and what it looks like. */
import type { DatasetInfo } from '@trainyard/types';
import { fitNetworkToData } from '../../engine/templates';
import { useMemo } from 'react';
import { canBeMixed, loadChoice, setMixed } from '../../engine/data';
import { leaveOutGaps, setTargetColumn } from '../../engine/ownData';
import { useEngine } from '../../engine/session';
import { useTellsLabel } from '../../engine/useTargets';
import { sameSize } from '../../graph/adapt';
import { problemText } from '../../graph/words';
import { formatBytes, formatCount } from '../../graph/summary';
import { columnName } from '../../state/columns';
import { useData } from '../../state/data';
import { isOwn } from '../../state/dataChoice';
import { previewOf } from '../../state/preview';
import { isText } from '../../state/question';
import { isBusy, useTraining } from '../../state/training';
import { Empty, Failed, Loading, Problem } from '../../ui/States';
import { DigitsForm } from './DigitsForm';
import { SampleGrid } from './SampleGrid';

function Balance({ info }: { info: DatasetInfo }) {
  if (info.class_counts.length === 0) return null;
  const most = Math.max(1, ...info.class_counts);
  return (
    <section className="card" aria-labelledby="balance-title">
      <h2 id="balance-title">Classes</h2>
      <p className="muted small">Samples of each class in the training set</p>
      <ul className="balance">
        {info.class_counts.map((count, index) => (
          <li key={index}>
            <span className="balance-name">{info.labels[index] ?? index}</span>
            <span className="balance-bar">
              <span style={{ transform: `scaleX(${count / most})` }} />
            </span>
            <span className="balance-count">{count.toLocaleString('en')}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Mismatch({ info }: { info: DatasetInfo }) {
  const diagnosis = useEngine((state) => state.diagnosis);
  const input = diagnosis?.inputs[0]?.shape.slice(1);
  const output = diagnosis?.outputs[0]?.shape.slice(1);
  const tellsLabel = useTellsLabel();
  if (!input || diagnosis?.inputs.length !== 1) return null;
  const readsText = diagnosis.inputs[0]?.dtype === 'string';
  if (readsText !== isText(info)) {
    return (
      <Problem tone="warning">
        {readsText
          ? 'The network reads text; this data has none. Choose a table with a column of words, or take another template.'
          : 'This data is text, and the network takes numbers. The template “Text: embedding and LSTM” reads text.'}
      </Problem>
    );
  }
  const wrongInput = !readsText && !sameSize(input, info.input_shape);
  const answers = output?.[output.length - 1] ?? null;
  const wrongOutput =
    tellsLabel &&
    info.labels.length > 0 &&
    answers !== null &&
    answers !== info.labels.length &&
    !(info.labels.length === 2 && answers === 1);
  if (!wrongInput && !wrongOutput) return null;
  const text = wrongInput
    ? `The network takes ${input.map((size) => size ?? '?').join(' × ')}; a sample of this data is ${info.input_shape.join(' × ')}.`
    : `The network gives ${answers} answers; this data has ${info.labels.length} classes.`;
  return (
    <Problem tone="warning">
      <p>{text}</p>
      <button type="button" className="button" onClick={() => void fitNetworkToData(info)}>
        Fit the network to this data
      </button>
    </Problem>
  );
}

/** Whether the samples stand in an order drawn when they were loaded, or in their own. */
function Order({ info }: { info: DatasetInfo }) {
  const request = useData((state) => state.request);
  const busy = useTraining((state) => isBusy(state.phase));
  if (!canBeMixed(info, request)) return null;
  return (
    <div className="arg flag data-order">
      <div className="arg-head">
        <label htmlFor="data-mixed">Mix the training samples</label>
      </div>
      <input
        id="data-mixed"
        className="switch"
        type="checkbox"
        role="switch"
        checked={info.mixed === true}
        disabled={busy}
        aria-describedby="data-mixed-doc"
        onChange={(event) => void setMixed(event.target.checked)}
      />
      <p id="data-mixed-doc" className="arg-doc muted">
        A table may be sorted by class, and validation takes the last part. Leave them in their own order where it means
        something, such as time.
      </p>
    </div>
  );
}

/** Which column of a table is to be predicted. */
function Target({ info }: { info: DatasetInfo }) {
  const own = useData((state) => state.choice === 'csv');
  const request = useData((state) => state.request);
  const busy = useTraining((state) => isBusy(state.phase));
  const columns = useMemo(() => previewOf(request)?.header ?? [], [request]);
  if (!own || !info.target || columns.length < 2) return null;
  return (
    <div className="arg data-order">
      <div className="arg-head">
        <label htmlFor="data-target">What to predict</label>
      </div>
      <select
        id="data-target"
        className="select"
        value={info.target}
        disabled={busy}
        aria-describedby="data-target-doc"
        onChange={(event) => void setTargetColumn(event.target.value)}
      >
        {columns.map((name) => (
          <option key={name} value={name}>
            {columnName(name)}
          </option>
        ))}
      </select>
      <p id="data-target-doc" className="arg-doc muted">
        The column that the network learns to tell from all the others.
      </p>
    </div>
  );
}

function Full({ info }: { info: DatasetInfo }) {
  const drawn = useData((state) => state.request?.kind === 'digits');
  const figures: [string, string][] = [
    ['Training', `${info.train_count.toLocaleString('en')} samples`],
    ['Test', `${info.test_count.toLocaleString('en')} samples`],
    ['A sample', isText(info) ? 'text' : info.input_shape.join(' × ')],
    ['Classes', info.labels.length === 0 ? 'none: a number is predicted' : String(info.labels.length)],
    ['Memory', formatBytes(info.bytes)],
  ];
  // That a column is kept as text is what a table of text is for.
  const notes = info.notes?.filter((note) => !(isText(info) && note.code === 'csv.text')) ?? [];
  return (
    <>
      <Mismatch info={info} />
      {notes.map((note) => (
        <Problem key={note.code + note.path} tone="warning">
          {problemText(note)}
        </Problem>
      ))}
      <dl className="figures wide">
        {figures.map(([term, figure]) => (
          <div key={term}>
            <dt>{term}</dt>
            <dd>{figure}</dd>
          </div>
        ))}
      </dl>
      <Target info={info} />
      <Order info={info} />
      {drawn ? <DigitsForm /> : null}
      <div className="data-cards">
        <Balance info={info} />
        <SampleGrid info={info} />
      </div>
      <p className="hidden-label" role="status">
        {info.name}: {formatCount(info.train_count)} training samples loaded
      </p>
    </>
  );
}

export function DataFigures() {
  const { phase, info, progress, problem, choice, gaps } = useData();
  return (
    <section className="column-main stack" aria-label="Chosen data">
      {phase === 'loading' ? (
        <Loading label={progress === null ? 'Preparing the data …' : 'Fetching the files …'} fraction={progress} />
      ) : null}
      {phase === 'failed' ? (
        <Failed
          problem={problem ?? 'The data could not be loaded.'}
          safe={info ? 'The data that was there before is still loaded.' : 'Your network is safe.'}
          action={
            gaps ? (
              <button type="button" className="button" onClick={() => void leaveOutGaps()}>
                Leave rows with gaps out
              </button>
            ) : info || isOwn(choice) ? null : (
              <button type="button" className="button" onClick={() => void loadChoice(choice)}>
                Try again
              </button>
            )
          }
        />
      ) : null}
      {phase === 'empty' ? (
        <Empty icon="data">The chosen data will be shown here: how much there is, and what it looks like.</Empty>
      ) : null}
      {phase !== 'loading' && info ? <Full info={info} /> : null}
    </section>
  );
}
