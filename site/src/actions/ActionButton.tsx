import { useSyncExternalStore } from 'react';
import { useProject } from '../state/project';
import { useUi } from '../state/ui';
import { useEngine } from '../engine/session';
import { useData } from '../state/data';
import { useTraining } from '../state/training';
import { Icon } from '../ui/Icon';
import { keyParts } from './keys';
import type { Action } from './types';

const stores = [useProject, useUi, useEngine, useData, useTraining];

function subscribe(changed: () => void): () => void {
  const ends = stores.map((store) => store.subscribe(changed));
  return () => ends.forEach((end) => end());
}

/** What an action says of itself now. */
export function useAction(action: Action): { label: string; enabled: boolean; icon: ReturnType<Action['icon']> } {
  const label = useSyncExternalStore(subscribe, action.label);
  const enabled = useSyncExternalStore(subscribe, action.enabled);
  const icon = useSyncExternalStore(subscribe, action.icon);
  return { label, enabled, icon };
}

interface Props {
  action: Action;
  look?: 'plain' | 'quiet' | 'primary' | 'danger';
  iconOnly?: boolean;
  large?: boolean;
  /** Another word for the same thing where room is short. */
  text?: string;
  onDone?: () => void;
}

export function ActionButton({ action, look = 'plain', iconOnly = false, large = false, text, onDone }: Props) {
  const { label, enabled, icon } = useAction(action);
  const keys = action.keys[0] ? ` (${keyParts(action.keys[0]).join(' ')})` : '';
  const className = ['button', look === 'plain' ? '' : look, iconOnly ? 'icon-only' : '', large ? 'large' : '']
    .filter(Boolean)
    .join(' ');
  return (
    <button
      type="button"
      className={className}
      disabled={!enabled}
      title={`${label}${keys}`}
      aria-label={iconOnly ? label : undefined}
      onClick={(event) => {
        if (action.toggles && event.detail > 1) return;
        action.run();
        onDone?.();
      }}
    >
      <Icon name={icon} filled={icon === 'play' || icon === 'stop'} />
      {iconOnly ? null : <span>{text ?? label}</span>}
    </button>
  );
}
