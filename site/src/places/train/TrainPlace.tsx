import { ActionButton } from '../../actions/ActionButton';
import { pageActions } from '../../actions/page';
import { trainProblem } from '../../engine/training';
import { useEngine } from '../../engine/session';
import { useData } from '../../state/data';
import { isBusy, useTraining } from '../../state/training';
import { goTo } from '../../state/ui';
import { Charts } from './Charts';
import { Settings } from './Settings';
import { TimeTable } from './TimeTable';
import { TrainProgress } from './TrainProgress';
import { Written } from './Written';

/** Why the main button is grey, and where to go. */
function WhyNot() {
  useEngine();
  useData();
  useTraining((state) => state.restoring);
  const busy = useTraining((state) => isBusy(state.phase));
  const problem = busy ? null : trainProblem();
  if (problem === null) return null;
  return (
    <p className="why-not">
      {problem}{' '}
      {useEngine.getState().diagnosis?.ok === false ? (
        <button type="button" className="link" onClick={() => goTo('build')}>
          Show the network
        </button>
      ) : null}
    </p>
  );
}

export default function TrainPlace() {
  return (
    <div className="page two-columns train">
      <section className="column-side stack" aria-labelledby="train-title">
        <h1 id="train-title">Train</h1>
        <Settings />
      </section>
      <section className="column-main stack" aria-label="Progress">
        <TrainProgress />
        <Written />
        <Charts />
        <TimeTable />
      </section>
      <div className="main-bar">
        <WhyNot />
        <ActionButton action={pageActions.startOver} large />
        <ActionButton action={pageActions.train} look="primary" large />
      </div>
    </div>
  );
}
