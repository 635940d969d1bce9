/** Keys to actions. */
import { useUi } from '../state/ui';
import { networkActions } from './network';
import { pageActions, placeActions } from './page';
import type { Action } from './types';

export const allActions: readonly Action[] = [
  ...Object.values(pageActions),
  ...Object.values(networkActions),
  ...placeActions,
];

interface KeyPress {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  shiftKey: boolean;
  altKey: boolean;
}

/** The name of a key press as actions write it. Shift is only said where the key has no character of its own. */
export function keyName(press: KeyPress): string {
  const mod = press.ctrlKey || press.metaKey;
  const key = press.key === ' ' ? 'Space' : press.key.length === 1 ? press.key.toUpperCase() : press.key;
  const letter = /^[A-Z]$/.test(key) || key.length > 1;
  return `${mod ? 'Mod+' : ''}${press.altKey ? 'Alt+' : ''}${press.shiftKey && letter ? 'Shift+' : ''}${key}`;
}

const isMac = typeof navigator !== 'undefined' && /Mac|iPhone|iPad/.test(navigator.userAgent);
const shown: Record<string, string> = {
  Mod: isMac ? '⌘' : 'Ctrl',
  ArrowUp: '↑',
  ArrowDown: '↓',
  ArrowLeft: '←',
  ArrowRight: '→',
  Escape: 'Esc',
};

/** `Mod+Shift+Z` -> ["Ctrl", "Shift", "Z"]. */
export const keyParts = (keys: string): string[] => keys.split('+').map((part) => shown[part] ?? part);

const typingIn = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && target.closest('input, textarea, select, [contenteditable]') !== null;
const onControl = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && target.closest('button, a, summary, [role=dialog], dialog, aside') !== null;

function fits(action: Action, target: EventTarget | null): boolean {
  if (action.scope === 'canvas') return useUi.getState().place === 'build' && !onControl(target);
  return !(action.keys.includes('Space') && onControl(target));
}

export function handleKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing || document.querySelector('dialog[open]')) return;
  const name = keyName(event);
  if (typingIn(event.target) && name !== 'Escape') return;
  const found = allActions.find((item) => item.keys.includes(name) && fits(item, event.target));
  if (!found) return;
  event.preventDefault();
  if (event.repeat && found.toggles) return;
  if (found.enabled() || found.id === 'train') found.run();
}

export function watchKeys(): () => void {
  window.addEventListener('keydown', handleKey);
  return () => window.removeEventListener('keydown', handleKey);
}
