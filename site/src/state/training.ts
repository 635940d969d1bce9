/** Where training stands. */
import { create } from 'zustand';
import type { EpochEnd, FitResult, Progress, WrittenFile } from '@trainyard/types';
import { emptyCurve, type Curve } from './curve';
import type { Calibration } from './estimate';
import type { Verdict } from './goal';
import type { StepProfile } from './profile';

export type TrainingPhase = 'idle' | 'preparing' | 'running' | 'stopping' | 'stopped' | 'finished' | 'failed';

interface TrainingState {
  phase: TrainingPhase;
  progress: Progress | null;
  curve: Curve;
  result: FitResult | null;
  problem: string | null;
  /** What remains whole after a failure. */
  safe: string | null;
  /** A stopped run (or an opened file) can be gone on with. */
  resumable: boolean;
  /** What was learned last time is being brought back; nothing may be trained meanwhile. */
  restoring: boolean;
  /** The model has seen data: its answers mean something. */
  trained: boolean;
  /** The text of the model that has (engine/model.ts): the drawing may have been changed since. */
  trainedText: string | null;
  calibration: Calibration | null;
  /** Share of the step's time of each layer, 0..1, by layer name. */
  shares: Readonly<Record<string, number>>;
  /** Where a step's time goes, as last measured. */
  profile: StepProfile | null;
  /** When Train was pressed for the running or last training, on the page's clock (performance.now()). */
  pressedAt: number | null;
  /** How the training did against its goal. */
  verdict: Verdict | null;
  /** What callbacks have written, the newest of each name, and said. */
  files: readonly WrittenFile[];
  messages: readonly string[];
}

export const useTraining = create<TrainingState>(() => ({
  phase: 'idle',
  progress: null,
  curve: emptyCurve,
  result: null,
  problem: null,
  safe: null,
  resumable: false,
  restoring: false,
  trained: false,
  trainedText: null,
  calibration: null,
  shares: {},
  profile: null,
  pressedAt: null,
  verdict: null,
  files: [],
  messages: [],
}));

export const isBusy = (phase: TrainingPhase): boolean =>
  phase === 'preparing' || phase === 'running' || phase === 'stopping';

export const lastEpoch = (curve: Curve): EpochEnd | null => curve.epochs[curve.epochs.length - 1] ?? null;
