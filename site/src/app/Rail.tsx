/** The five places: a rail on a desk, a bar under the thumb on a phone. */
import { ActionButton } from '../actions/ActionButton';
import { pageActions, placeActions } from '../actions/page';
import { useDesk } from '../ui/useMedia';
import type { Action } from '../actions/types';
import { isBusy, useTraining } from '../state/training';
import { useUi, type Place } from '../state/ui';
import { Icon } from '../ui/Icon';

function PlaceButton({ action }: { action: Action & { place: Place } }) {
  const here = useUi((state) => state.place === action.place);
  const busy = useTraining((state) => action.place === 'train' && isBusy(state.phase));
  return (
    <button
      type="button"
      className="rail-button"
      aria-current={here ? 'page' : undefined}
      data-tour={action.place}
      onClick={action.run}
    >
      <span className={busy ? 'rail-icon busy' : 'rail-icon'}>
        <Icon name={action.icon()} />
      </span>
      <span>{action.label()}</span>
    </button>
  );
}

export function Rail() {
  const desk = useDesk();
  return (
    <nav className="rail" aria-label="Places">
      {placeActions.map((action) => (
        <PlaceButton key={action.id} action={action} />
      ))}
      {desk ? (
        <div className="rail-foot">
          <ActionButton action={pageActions.theme} iconOnly look="quiet" />
          <ActionButton action={pageActions.keys} iconOnly look="quiet" />
          <ActionButton action={pageActions.more} iconOnly look="quiet" />
        </div>
      ) : null}
    </nav>
  );
}
