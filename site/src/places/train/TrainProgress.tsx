/** How far it is, how fast, and how long it will still take. */
import { useEffect, useState } from 'react';
import { accuracyOf, bestEpoch, furtherLogs } from '../../state/curve';
import { formatPercent, formatSeconds, plainName } from '../../graph/summary';
import { lastEpoch, useTraining, type TrainingPhase } from '../../state/training';
import { goTo } from '../../state/ui';
import { useChangedSince } from '../../engine/useTargets';
import { useData } from '../../state/data';
import { pictureSize } from '../../state/question';
import { Meter } from '../../ui/Meter';
import { Failed } from '../../ui/States';
import { Clock } from './Clock';

const headings: Record<TrainingPhase, string> = {
  idle: 'Not trained yet',
  preparing: 'Preparing …',
  running: 'Training',
  stopping: 'Stopping …',
  stopped: 'Stopped',
  finished: 'Trained',
  failed: 'Training failed',
};

/** Seconds since training began, ticking; the engine's own clock when it reports. */
function useClock(): number {
  const phase = useTraining((state) => state.phase);
  const elapsed = useTraining((state) => state.progress?.elapsed_seconds ?? 0);
  const total = useTraining((state) => state.result?.seconds);
  const [ticks, setTicks] = useState({ at: 0, now: 0 });
  const running = phase === 'running' || phase === 'preparing' || phase === 'stopping';
  useEffect(() => {
    if (!running) return;
    const begun = performance.now();
    setTicks({ at: begun, now: begun });
    const timer = setInterval(() => setTicks({ at: begun, now: performance.now() }), 250);
    return () => clearInterval(timer);
  }, [running]);
  if (!running) return total ?? elapsed;
  return Math.max(elapsed, (ticks.now - ticks.at) / 1000);
}

const mostFurther = 6;

function Figures() {
  const picture = useData((state) => state.info === null || pictureSize(state.info.input_shape) !== null);
  const unit = picture ? 'images' : 'samples';
  const { progress, curve, result } = useTraining();
  const clock = useClock();
  const end = lastEpoch(curve);
  const logs = progress?.logs ?? end?.logs ?? {};
  const accuracy = accuracyOf(logs);
  const validation = end ? accuracyOf(end.logs, 'val_') : null;
  const best = bestEpoch(curve.epochs);
  const rate = result?.images_per_second ?? progress?.images_per_second;
  const loss = logs['loss'];
  const validationLoss = end?.logs['val_loss'];
  const further = furtherLogs(logs);
  const numbers = accuracy === null && further.length > 0;
  const figures: [string, string][] = [
    ...(numbers
      ? [['Validation loss', validationLoss === undefined ? '–' : validationLoss.toFixed(4)] as [string, string]]
      : ([
          ['Accuracy', accuracy === null ? '–' : formatPercent(accuracy)],
          ['Validation', validation === null ? '–' : formatPercent(validation)],
        ] as [string, string][])),
    ['Loss', loss === undefined ? '–' : loss.toFixed(4)],
    ...further.slice(0, mostFurther).map(([name, value]): [string, string] => [plainName(name), value.toFixed(4)]),
    ['Best epoch', best ? String(best.epoch + 1) : '–'],
    ['Speed', rate ? `${Math.round(rate).toLocaleString('en')} ${unit}/s` : '–'],
    ['Time', clock > 0 ? formatSeconds(clock) : '–'],
  ];
  return (
    <dl className="figures wide">
      {figures.map(([term, figure]) => (
        <div key={term}>
          <dt>{term}</dt>
          <dd>{figure}</dd>
        </div>
      ))}
    </dl>
  );
}

export function TrainProgress() {
  const picture = useData((state) => state.info === null || pictureSize(state.info.input_shape) !== null);
  const { phase, progress, problem, safe } = useTraining();
  const changed = useChangedSince();
  const total = progress
    ? (progress.epoch + progress.step / Math.max(1, progress.steps)) / Math.max(1, progress.epochs)
    : 0;
  const fraction = phase === 'finished' ? 1 : phase === 'preparing' ? null : total;
  const where = progress ? `Epoch ${Math.min(progress.epoch + 1, progress.epochs)} of ${progress.epochs}` : '';
  const left = phase === 'running' && progress ? ` · ${formatSeconds(progress.eta_seconds)} left` : '';
  return (
    <section className="card stack" aria-label="Training">
      <div className="spread">
        <h2 aria-live="polite">{headings[phase]}</h2>
        <span className="muted">
          {where}
          {left}
        </span>
      </div>
      {phase === 'failed' ? (
        <Failed problem={problem ?? 'Something went wrong.'} safe={safe ?? ''} />
      ) : (
        <Meter label="Training progress" fraction={fraction} />
      )}
      <Clock />
      <Figures />
      {changed ? (
        <p className="muted">The network was changed after this training: what is new in it has learned nothing yet.</p>
      ) : null}
      {phase === 'finished' || phase === 'stopped' ? (
        <div className="row">
          <button type="button" className="button" onClick={() => goTo('test')}>
            {picture ? 'Try it: draw a digit' : 'Try it'}
          </button>
          <button type="button" className="button quiet" onClick={() => goTo('export')}>
            Save the model
          </button>
        </div>
      ) : null}
    </section>
  );
}
