/** The theme on the page's root: the system's, or the one chosen here. */
import { setUi, useUi, type Theme } from '../state/ui';

const key = 'trainyard.theme';
const dark = () => window.matchMedia('(prefers-color-scheme: dark)');

function read(): Theme {
  try {
    const stored = localStorage.getItem(key);
    return stored === 'light' || stored === 'dark' ? stored : 'system';
  } catch {
    return 'system';
  }
}

function show(): void {
  const { theme } = useUi.getState();
  document.documentElement.dataset['theme'] = theme === 'system' ? (dark().matches ? 'dark' : 'light') : theme;
}

export function watchTheme(): void {
  setUi({ theme: read() });
  show();
  dark().addEventListener('change', show);
  useUi.subscribe((state, before) => {
    if (state.theme === before.theme) return;
    show();
    try {
      localStorage.setItem(key, state.theme);
    } catch {
      // Only this visit remembers it then.
    }
  });
}
