/** Trainyard among a device's apps: by the browser's own question where it has one, else in words. */
import { create } from 'zustand';

interface InstallPrompt extends Event {
  prompt: () => Promise<unknown>;
}

const isPrompt = (event: Event): event is InstallPrompt => 'prompt' in event;

export const useInstall = create<{ prompt: InstallPrompt | null; installed: boolean }>(() => ({
  prompt: null,
  installed: false,
}));

export interface Browser {
  userAgent: string;
  maxTouchPoints: number;
}

/** Safari, the one browser that deletes what a page keeps: after seven days of use without a visit, unless the page is installed. */
export type SafariKind = 'phone' | 'mac' | null;

export function safariKind({ userAgent, maxTouchPoints }: Browser): SafariKind {
  // An iPad says that it is a Mac, but can be touched. Every browser on these devices is Safari below.
  if (/iPhone|iPad/.test(userAgent) || (/Macintosh/.test(userAgent) && maxTouchPoints > 1)) return 'phone';
  return /Macintosh.*Version\/[\d.]+ Safari/.test(userAgent) ? 'mac' : null;
}

const ways: Record<'phone' | 'mac', string> = {
  phone: 'tap Share, then “Add to Home Screen”',
  mac: 'choose “Add to Dock” in the File menu',
};

/** How a project outlasts Safari's seven days; null where nothing threatens it. */
export function keepingWords(kind: SafariKind, installed: boolean): string | null {
  if (kind === null || installed) return null;
  return `Safari deletes it after seven days without a visit. To keep it, ${ways[kind]}, or save the model as a file.`;
}

export function installWords(kind: SafariKind): string | null {
  return kind === null ? null : `To have Trainyard among your apps, ${ways[kind]}.`;
}

export const thisSafari = (): SafariKind => (typeof navigator === 'undefined' ? null : safariKind(navigator));

const runsInstalled = (): boolean =>
  window.matchMedia('(display-mode: standalone)').matches ||
  ('standalone' in navigator && navigator.standalone === true);

export function watchInstall(): void {
  useInstall.setState({ installed: runsInstalled() });
  window.addEventListener('beforeinstallprompt', (event) => {
    if (!isPrompt(event)) return;
    // Not now and uninvited: when it is asked for.
    event.preventDefault();
    useInstall.setState({ prompt: event });
  });
  window.addEventListener('appinstalled', () => useInstall.setState({ prompt: null, installed: true }));
}

export const canInstall = (): boolean => {
  const { prompt, installed } = useInstall.getState();
  return !installed && (prompt !== null || thisSafari() !== null);
};

/** The browser's question, which it answers once; or the words. */
export function install(tell: (words: string) => void): void {
  const { prompt } = useInstall.getState();
  const words = installWords(thisSafari());
  if (prompt) {
    useInstall.setState({ prompt: null });
    void prompt.prompt().catch(() => undefined);
  } else if (words !== null) tell(words);
}
