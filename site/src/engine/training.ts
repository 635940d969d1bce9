/** Train, stop, resume: the calls to the engine and what the page learns from them. */
import type { EpochEnd, FitResult, Progress, WrittenFile } from '@trainyard/types';
import { currentDoc } from '../state/project';
import { accuracyOf, addEpoch, addProgress, emptyCurve, type Curve } from '../state/curve';
import { keepCalibration } from '../state/calibration';
import { calibrate } from '../state/estimate';
import { problemText } from '../graph/words';
import { goalOf } from '../state/goal';
import { fitOptions, isClassification, trainSettings } from '../state/fitOptions';
import { useData } from '../state/data';
import { isBusy, useTraining } from '../state/training';
import { notify, useUi } from '../state/ui';
import { paced } from './frames';
import { ensureModel, isLoaded, loadedText } from './model';
import { errorText, isEngineError, needEngine, onEngineDeath, readMemory, restartEngine, useEngine } from './session';
import { measureShares } from './shares';
import { keepWeights } from './weights';

let abort: AbortController | null = null;

/** A long training is kept now and then at the end of an epoch, so that a closed tab costs little. */
const keepEveryMs = 15_000;
let lastKept = 0;

export type FitMode = 'start' | 'over' | 'on' | 'resume';

interface Report {
  progress: Progress | null;
  curve: Curve;
}

/** What the engine has told since the page last showed it: a small network ends hundreds of epochs a second, which nobody could draw. */
let report: Report | null = null;
/** Five times a second is live to the eye; what draws more often takes it from the training, on two cores by a fifth. */
const leastMs = 200;

const shown = (): Report => {
  const { progress, curve } = useTraining.getState();
  return { progress, curve };
};

function showReport(): void {
  const { phase } = useTraining.getState();
  if (!report) return;
  if (phase === 'preparing') void measureShares();
  useTraining.setState({ ...report, phase: phase === 'preparing' ? 'running' : phase });
  report = null;
}

const frames = paced(showReport, leastMs);

function progressed(progress: Progress, offset: number): void {
  const now = { ...progress, epoch: progress.epoch + offset, epochs: progress.epochs + offset };
  report = { progress: now, curve: addProgress((report ?? shown()).curve, now) };
  // That it begins has no figures yet: those of the first steps need not wait for it.
  if (useTraining.getState().phase === 'preparing') showReport();
  else frames.soon();
}

function epochEnded(end: EpochEnd, offset: number): void {
  const { progress, curve } = report ?? shown();
  report = { progress, curve: addEpoch(curve, { ...end, epoch: end.epoch + offset }) };
  frames.soon();
  if (Date.now() - lastKept > keepEveryMs) {
    lastKept = Date.now();
    void keepWeights();
  }
}

const mostMessages = 50;
/** A checkpoint with the epoch in its name is a new file each time: only the newest few are held. */
const mostFiles = 8;

function fileWritten(file: WrittenFile): void {
  const others = useTraining.getState().files.filter(({ path }) => path !== file.path);
  useTraining.setState({ files: [...others, file].slice(-mostFiles) });
}

/** Where the project has a goal, the test set tells at once whether it is reached; the clock runs until then. */
async function judge(): Promise<void> {
  const { pressedAt } = useTraining.getState();
  if (pressedAt === null || goalOf(currentDoc()) === null) return;
  try {
    const { logs, samples } = await needEngine().evaluate({ split: 'test' });
    const accuracy = accuracyOf(logs);
    if (accuracy === null || useTraining.getState().pressedAt !== pressedAt) return;
    useTraining.setState({ verdict: { accuracy, samples, seconds: (performance.now() - pressedAt) / 1000 } });
  } catch {
    // Without a test set there is no verdict; the training itself is whole.
  }
}

function fitEnded(result: FitResult): void {
  frames.now();
  if (result.state === 'finished') void judge();
  const macs = useEngine.getState().diagnosis?.totals.macs ?? 0;
  useTraining.setState({
    phase: result.state,
    result,
    resumable: result.state === 'stopped',
    trained: true,
    trainedText: loadedText(),
    ...(result.images_per_second > 0 ? { calibration: calibrate(macs, result.images_per_second) } : {}),
  });
  void readMemory();
  void keepWeights();
}

/** What remains whole, by what happened. */
function safeAfter(error: unknown): string {
  const kind = isEngineError(error) ? error.kind : 'invalid';
  if (kind === 'crashed')
    return 'Your network and settings are safe, and so are the weights of the last epoch that was kept.';
  if (kind === 'out_of_memory') return 'Your network and settings are safe. Try a smaller batch size or fewer filters.';
  return 'Your network and settings are safe; nothing was lost.';
}

function fitFailed(error: unknown): void {
  frames.now();
  const where = isEngineError(error)
    ? error.diagnostics.map((item) => item.path).find((path) => path !== '')
    : undefined;
  const text = errorText(error);
  useTraining.setState({
    phase: 'failed',
    problem: where && !text.includes(where) ? `${where}: ${text}` : text,
    safe: safeAfter(error),
    resumable: false,
  });
  // A dead engine has a banner of its own, and the Train place shows the problem where its button must stay free.
  if (useEngine.getState().phase === 'ready' && useUi.getState().place !== 'train') notify('error', text);
}

/** Why training cannot begin, in a sentence, or null. */
export function trainProblem(): string | null {
  const { phase, diagnosis } = useEngine.getState();
  if (phase !== 'ready') return 'The engine is not ready yet.';
  const data = useData.getState();
  if (data.phase === 'loading') return 'The data is still loading.';
  if (!data.info) return 'Choose data first.';
  if (useTraining.getState().restoring) return 'What was learned last time is being brought back.';
  const wrong = diagnosis?.diagnostics.find((item) => item.severity === 'error');
  if (wrong) return problemText({ ...wrong, fix: '' });
  if (!diagnosis?.ok) return 'The network is still being checked.';
  return null;
}

export async function train(mode: FitMode): Promise<void> {
  if (isBusy(useTraining.getState().phase)) return;
  const before = useTraining.getState();
  const keepCurve = mode === 'resume' || mode === 'on';
  const offset = mode === 'on' ? before.curve.epochs.length : 0;
  useTraining.setState({
    phase: 'preparing',
    problem: null,
    safe: null,
    progress: null,
    result: null,
    pressedAt: performance.now(),
    verdict: null,
    ...(keepCurve ? {} : { curve: emptyCurve }),
    ...(mode === 'resume' ? {} : { files: [], messages: [] }),
  });
  report = null;
  abort = new AbortController();
  try {
    const data = useData.getState().info;
    const { diagnosis, catalog } = useEngine.getState();
    const settings = trainSettings(currentDoc(), data, diagnosis, catalog);
    await ensureModel({ seed: settings.seed, fresh: mode === 'over' || mode === 'start' });
    if (abort.signal.aborted) {
      useTraining.setState({ phase: before.phase });
      return;
    }
    const result = await needEngine().fit(fitOptions(settings, isClassification(data)), {
      onProgress: (progress) => progressed(progress, offset),
      onEpochEnd: (end) => epochEnded(end, offset),
      onFile: fileWritten,
      onMessage: (text) =>
        useTraining.setState({ messages: [...useTraining.getState().messages, text].slice(-mostMessages) }),
      signal: abort.signal,
      ...(mode === 'resume' ? { resume: true } : {}),
    });
    fitEnded(result);
  } catch (error) {
    if (isEngineError(error) && error.kind === 'cancelled') {
      useTraining.setState({ phase: before.phase });
      return;
    }
    fitFailed(error);
  } finally {
    abort = null;
  }
}

export function stopTraining(): void {
  if (!abort) return;
  const preparing = useTraining.getState().phase === 'preparing';
  useTraining.setState({ phase: 'stopping' });
  abort.abort();
  if (preparing) {
    notify('info', 'The engine is still setting the network up. Restart it if that takes too long.', {
      label: 'Restart',
      run: () => void restartEngine(),
    });
  }
}

/** The one thing the main button does now. */
export function nextFit(): FitMode {
  const { phase, resumable, trained, progress } = useTraining.getState();
  if (resumable && phase !== 'finished' && isLoaded()) return 'resume';
  return trained && (phase === 'finished' || progress === null) ? 'on' : 'start';
}

export function watchTraining(): void {
  keepCalibration();
  // A phone may end a page that it does not show, and tells nobody.
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'hidden' && useTraining.getState().phase === 'running') void keepWeights();
  });
  onEngineDeath((problem) => {
    abort = null;
    if (isBusy(useTraining.getState().phase)) {
      useTraining.setState({
        phase: 'failed',
        problem,
        safe: safeAfter({ kind: 'crashed', message: problem, diagnostics: [] }),
      });
    }
    useTraining.setState({ resumable: false });
  });
}
