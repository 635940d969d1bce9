/** What happened, what is safe, and the way on, when the engine is not there. */
import { ActionButton } from '../actions/ActionButton';
import { pageActions } from '../actions/page';
import { useEngine } from '../engine/session';
import { sentence } from '../graph/words';
import { Icon } from '../ui/Icon';

export function Banner() {
  const phase = useEngine((state) => state.phase);
  const problem = useEngine((state) => state.problem);
  if (phase !== 'crashed' && phase !== 'failed') return null;
  return (
    <div className="banner" role="alert">
      <Icon name="error" />
      <p>
        <strong>{phase === 'crashed' ? 'The engine stopped working.' : 'The engine could not start.'}</strong>{' '}
        {sentence(problem ?? '')} Your network, your settings and the last saved weights are safe.
      </p>
      <ActionButton action={pageActions.restart} look="primary" />
    </div>
  );
}
