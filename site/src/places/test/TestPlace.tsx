import { useEffect } from 'react';
import { evaluateTestSet, refreshAnswers } from '../../engine/testing';
import { useEngine } from '../../engine/session';
import { useData } from '../../state/data';
import { useTest } from '../../state/testing';
import { isBusy, useTraining } from '../../state/training';
import { goTo } from '../../state/ui';
import { Picture } from '../../ui/Picture';
import { Empty, Problem } from '../../ui/States';
import { questionKind, type QuestionKind } from '../../state/question';
import { AnswerHead } from './AnswerHead';
import { Bars } from './Bars';
import { EvaluationView } from './EvaluationView';
import { FurtherAnswers } from './FurtherAnswers';
import { Pad } from './Pad';
import { RowFields } from './RowFields';
import { TextField } from './TextField';
import { useChangedSince, useTellsLabel } from '../../engine/useTargets';

/** Says that answers are guesses as long as nothing was learned. */
function Untrained() {
  const trained = useTraining((state) => state.trained);
  const busy = useTraining((state) => isBusy(state.phase));
  const changed = useChangedSince();
  if (trained && changed)
    return (
      <Problem tone="warning">
        The network was changed after its training: what is new in it has learned nothing yet.{' '}
        <button type="button" className="link" onClick={() => goTo('train')}>
          Train it
        </button>
      </Problem>
    );
  if (trained) return null;
  if (busy) return <p className="muted">The network is still learning: its answers get better while you draw.</p>;
  return (
    <Problem tone="warning">
      This network has not been trained: its answers are guesses.{' '}
      <button type="button" className="link" onClick={() => goTo('train')}>
        Train it
      </button>
    </Problem>
  );
}

/** While training goes on, the same question is asked after every epoch. */
function useFreshAnswers(): void {
  const epochs = useTraining((state) => state.curve.epochs.length);
  const phase = useTraining((state) => state.phase);
  useEffect(() => refreshAnswers(), [epochs, phase]);
}

function Seen() {
  const seen = useTest((state) => state.drawing?.seen);
  return (
    <figure className="seen">
      <Picture
        values={seen?.values ?? new Float32Array(784)}
        width={seen?.width ?? 28}
        height={seen?.height ?? 28}
        label="What the network sees"
        className="picture large"
      />
      <figcaption className="muted small">What the network sees</figcaption>
    </figure>
  );
}

function Answer() {
  const drawing = useTest((state) => state.drawing);
  const problem = useTest((state) => state.drawingProblem);
  const data = useData((state) => state.info);
  const tellsLabel = useTellsLabel();
  const labels = drawing?.labels.length ? drawing.labels : (data?.labels ?? []);
  const answered = drawing && !drawing.empty ? drawing : null;
  return (
    <div className="answer">
      {tellsLabel ? (
        <AnswerHead labels={labels} values={answered?.probabilities ?? null}>
          <Seen />
        </AnswerHead>
      ) : null}
      {problem ? <Problem>{problem}</Problem> : null}
      {tellsLabel ? (
        <Bars labels={labels.map(String)} values={answered?.probabilities ?? null} label="Probabilities" />
      ) : null}
      <FurtherAnswers>{tellsLabel ? undefined : <Seen />}</FurtherAnswers>
    </div>
  );
}

function Question({ kind }: { kind: QuestionKind }) {
  switch (kind) {
    case 'picture':
      return (
        <div className="try">
          <Pad />
          <Answer />
        </div>
      );
    case 'row':
      return <RowFields />;
    case 'text':
      return <TextField />;
    case 'several':
      return (
        <Empty icon="test">
          This network takes a text together with other inputs, which cannot be typed here. The test set can be
          evaluated.
        </Empty>
      );
  }
}

export default function TestPlace() {
  const info = useData((state) => state.info);
  const ready = useEngine((state) => state.phase === 'ready');
  const busy = useTraining((state) => isBusy(state.phase));
  useFreshAnswers();
  const kind = useEngine((state) => questionKind(state.diagnosis, info));
  return (
    <div className="page test">
      <section className="stack" aria-labelledby="test-title">
        <h1 id="test-title">Test</h1>
        <Untrained />
        <Question kind={kind} />
      </section>
      <section className="stack" aria-labelledby="evaluate-title">
        <div className="spread">
          <h2 id="evaluate-title">On the test set</h2>
          <button
            type="button"
            className="button"
            disabled={!ready || !info || busy}
            onClick={() => void evaluateTestSet()}
          >
            Evaluate
          </button>
        </div>
        <EvaluationView />
      </section>
    </div>
  );
}
