/** One command of the page, declared once: buttons, menus, shortcuts and the list of keys all come from this object. */
import type { IconName } from '../ui/icons';

export interface Action {
  readonly id: string;
  /** What the button says; may depend on the state of things. */
  readonly label: () => string;
  readonly icon: () => IconName;
  readonly group: 'Training' | 'Network' | 'Walking' | 'Page';
  /** As `Mod+Z`, `Shift+D`, `?`, `ArrowUp`; `Mod` is Ctrl, or Cmd on a Mac. */
  readonly keys: readonly string[];
  /** Keys of the canvas work while no field or button has the focus and the Build place is open. */
  readonly scope: 'canvas' | 'page';
  readonly enabled: () => boolean;
  /** Goes to and fro: the second press of a double click, or of a key that is held, is not meant. */
  readonly toggles: boolean;
  readonly run: () => void;
}

interface Declaration extends Omit<Action, 'label' | 'icon' | 'enabled' | 'scope' | 'keys' | 'toggles'> {
  label: string | (() => string);
  icon: IconName | (() => IconName);
  keys?: readonly string[];
  scope?: Action['scope'];
  enabled?: () => boolean;
  toggles?: boolean;
}

export function action(declared: Declaration): Action {
  const { label, icon } = declared;
  return {
    keys: [],
    scope: 'page',
    enabled: () => true,
    toggles: false,
    ...declared,
    label: typeof label === 'string' ? () => label : label,
    icon: typeof icon === 'string' ? () => icon : icon,
  };
}
