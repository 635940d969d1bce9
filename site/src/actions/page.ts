/** Actions of training and of the page itself. */
import { nextFit, stopTraining, train, trainProblem } from '../engine/training';
import { restartEngine } from '../engine/session';
import { isBusy, useTraining } from '../state/training';
import { goTo, notify, places, select, setUi, useUi, type Place, type Theme } from '../state/ui';
import { canInstall, install } from '../pwa/install';
import type { IconName } from '../ui/icons';
import { focusNode } from '../places/network/focus';
import { action, type Action } from './types';

const phase = () => useTraining.getState().phase;

function trainLabel(): string {
  if (phase() === 'stopping') return 'Stopping …';
  if (isBusy(phase())) return 'Stop';
  const next = nextFit();
  if (next === 'resume') return 'Resume';
  return next === 'on' ? 'Train on' : 'Train';
}

function trainOrStop(): void {
  if (isBusy(phase())) {
    stopTraining();
    return;
  }
  const problem = trainProblem();
  if (problem !== null) {
    notify('warning', problem);
    return;
  }
  if (useUi.getState().place === 'build') goTo('train');
  void train(nextFit());
}

const themes: readonly Theme[] = ['system', 'light', 'dark'];
const placeNames: Record<Place, { label: string; icon: IconName; key: string }> = {
  build: { label: 'Build', icon: 'build', key: '1' },
  data: { label: 'Data', icon: 'data', key: '2' },
  train: { label: 'Train', icon: 'train', key: '3' },
  test: { label: 'Test', icon: 'test', key: '4' },
  export: { label: 'Export', icon: 'export', key: '5' },
};

export const placeActions: readonly (Action & { place: Place })[] = places.map((place) => ({
  ...action({
    id: `place.${place}`,
    label: placeNames[place].label,
    icon: placeNames[place].icon,
    group: 'Page',
    keys: [placeNames[place].key],
    run: () => goTo(place),
  }),
  place,
}));

export const pageActions = {
  train: action({
    id: 'train',
    label: trainLabel,
    icon: () => (isBusy(phase()) ? 'stop' : 'play'),
    group: 'Training',
    keys: ['Space'],
    toggles: true,
    enabled: () => phase() !== 'stopping' && (isBusy(phase()) || trainProblem() === null),
    run: trainOrStop,
  }),
  startOver: action({
    id: 'start-over',
    label: 'Start over',
    icon: 'restart',
    group: 'Training',
    enabled: () => !isBusy(phase()) && trainProblem() === null && phase() !== 'idle',
    run: () => void train('over'),
  }),
  keys: action({
    id: 'keys',
    label: 'Keys',
    icon: 'help',
    group: 'Page',
    keys: ['?'],
    run: () => setUi({ dialog: 'keys' }),
  }),
  more: action({ id: 'more', label: 'More', icon: 'more', group: 'Page', run: () => setUi({ dialog: 'more' }) }),
  tour: action({
    id: 'tour',
    label: 'Take the tour',
    icon: 'info',
    group: 'Page',
    run: () => setUi({ tourStep: 0, dialog: null, place: 'build', sheet: null }),
  }),
  install: action({
    id: 'install',
    label: 'Install as an app',
    icon: 'download',
    group: 'Page',
    enabled: canInstall,
    run: () => install((words) => notify('info', words)),
  }),
  status: action({
    id: 'status',
    label: 'Status',
    icon: 'info',
    group: 'Page',
    run: () => setUi({ sheet: 'status', sheetSize: 'half', dialog: null }),
  }),
  theme: action({
    id: 'theme',
    label: () => `Theme: ${useUi.getState().theme}`,
    icon: () => (document.documentElement.dataset['theme'] === 'dark' ? 'moon' : 'sun'),
    group: 'Page',
    run: () => setUi({ theme: themes[(themes.indexOf(useUi.getState().theme) + 1) % themes.length] ?? 'system' }),
  }),
  restart: action({
    id: 'restart',
    label: 'Restart the engine',
    icon: 'restart',
    group: 'Page',
    run: () => void restartEngine(),
  }),
  escape: action({
    id: 'escape',
    label: 'Close, or select nothing',
    icon: 'close',
    group: 'Page',
    keys: ['Escape'],
    run: () => {
      const { sheet, connectFrom, tourStep, current } = useUi.getState();
      const editing = Boolean(document.activeElement?.closest('.inspector'));
      if (tourStep !== null) setUi({ tourStep: null });
      else if (connectFrom) setUi({ connectFrom: null });
      else if (editing && current) {
        setUi({ sheet: null });
        focusNode(current);
      } else if (sheet) setUi({ sheet: null });
      else select([]);
    },
  }),
} satisfies Record<string, Action>;
